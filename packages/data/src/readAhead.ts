import type {Preprocess, Random} from '@foveal/core';
import pLimit from 'p-limit';
import type {Dataset} from './dataset.js';
import {DatasetError} from './datasetError.js';
import {groupedOrder} from './groupedOrder.js';
import type {Image} from './image.js';
import {ImageDecodeError} from './imageDecodeError.js';
import type {Sample, Transform} from './sample.js';
import {type DecodeAhead, decodeAhead} from './threads/decodeAhead.js';
import {threadDecoder} from './threads/threadDecoder.js';

/** How the samples of a dataset are read. */
export interface ReadingOptions {
  /** Samples a batch; the last may have fewer. */
  batchSize: number;
  /** Puts the samples into random order. @defaultValue the dataset's order */
  shuffle?: Random;
  /**
   * The group of each sample: a batch has samples of one group, those next in the order. `aspectGroups` makes groups of
   * like shape. A broken sample leaves its batch smaller. @defaultValue all in one
   */
  groups?: ArrayLike<number>;
  /**
   * Where in the order to begin: what comes before is not read, and every sample is what it would have been. `next` of a
   * batch says where it ended. @defaultValue 0
   */
  start?: number;
  /** Changes each sample; needs `random`. */
  augment?: Transform;
  /** What `augment` draws from: each sample gets a stream of its own, so concurrency changes nothing. */
  random?: Random;
  /** Samples read at once, not counting those whose image is in the threads' hands. @defaultValue 4 */
  concurrency?: number;
  /**
   * Threads that decode images, so that the engine, which blocks this one, does not stop them. They take the files of
   * every dataset here; one of your own lets them by decoding with the `Decoder` that its `get` is given. 0 decodes
   * here, and so do fewer than 16 samples. @defaultValue `FOVEAL_DECODE_THREADS`, or one for each core, at most 16
   */
  decodeThreads?: number;
  /** Leaves a last, smaller batch out, of each group. @defaultValue false */
  dropLast?: boolean;
  /** Whether a sample that cannot be read ends everything or is left out and noted in `skipped`. @defaultValue 'fail' */
  onError?: 'fail' | 'skip';
}

/** A sample that was left out. */
export interface SkippedFile {
  file: string;
  reason: string;
}

/** Some samples that belong together. */
export interface Portion<S> {
  items: S[];
  /** The place in the order after the last of them: where `start` goes on. */
  next: number;
}

/** What is made of each sample. */
export interface Preparation<S> {
  /** Brings images to this size while they are decoded, where nobody needs them as they were. */
  fit?: Preprocess;
  /** @param fitted - Whether the image is in the size of `fit` already. */
  prepare(sample: Sample, fitted: boolean): S | Promise<S>;
}

/** @throws RangeError naming the option that is out of range. */
export function checkReading(
  name: string,
  dataset: Dataset,
  {batchSize, concurrency = 4, decodeThreads = 0, start = 0, groups, augment, random}: ReadingOptions,
): void {
  for (const [option, value] of Object.entries({batchSize, concurrency})) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`${name}: ${option} must be a whole number from 1 up, got ${value}.`);
  }
  if (!Number.isInteger(decodeThreads) || decodeThreads < 0) {
    throw new RangeError(`${name}: decodeThreads must be a whole number from 0 up, got ${decodeThreads}.`);
  }
  if (!Number.isInteger(start) || start < 0 || start > dataset.length) {
    throw new RangeError(`${name}: start must be a whole number from 0 to ${dataset.length}, got ${start}.`);
  }
  if (groups && groups.length !== dataset.length) {
    throw new RangeError(
      `${name}: groups must have an entry for each of ${dataset.length} samples, got ${groups.length}.`,
    );
  }
  if (augment && !random) throw new RangeError(`${name}: augment needs random, which it draws from.`);
}

/**
 * Reads samples and makes something of each, always at work on the two batches to come, and gives them in batches.
 *
 * @param skipped - Receives what was left out.
 */
export async function* readAhead<S>(
  dataset: Dataset,
  options: ReadingOptions,
  preparation: Preparation<S>,
  skipped: SkippedFile[],
): AsyncGenerator<Portion<S>, void, undefined> {
  const {batchSize, dropLast = false, onError = 'fail', start = 0} = options;
  const {order, ends} = orderOf(dataset.length, options);
  const {decodeThreads} = options;
  const ahead = decodeAhead(order.length - start < fewest ? 0 : decodeThreads);
  const reading = startReading(dataset, order, options, preparation, ahead);
  let next = start;
  try {
    while (next < order.length) {
      const items: S[] = [];
      const first = next;
      while (next < order.length && items.length < batchSize && (next === first || !ends?.has(next))) {
        next++;
        try {
          items.push(await reading());
        } catch (error) {
          if (onError === 'fail' || !isBroken(error)) throw error;
          skipped.push({file: error.file, reason: error.reason});
        }
      }
      // In groups, what was incomplete is out of the order already.
      if (items.length > 0 && !(dropLast && !ends && items.length < batchSize)) yield {items, next};
    }
  } finally {
    ahead.close();
  }
}

/** Fewer samples are read before a thread has started. */
const fewest = 16;

const isBroken = (error: unknown): error is ImageDecodeError | DatasetError =>
  error instanceof ImageDecodeError || error instanceof DatasetError;

/** Every sample once; `ends` has the places at which a batch of one group ends. */
function orderOf(
  length: number,
  {shuffle, groups, batchSize, dropLast = false}: ReadingOptions,
): {order: Uint32Array; ends?: Set<number>} {
  const order = Uint32Array.from({length}, (_, i) => i);
  shuffle?.shuffle(order);
  return groups ? groupedOrder(order, groups, {batchSize, dropLast}) : {order};
}

/** @returns a function that gives the next sample of the order. */
function startReading<S>(
  dataset: Dataset,
  order: Uint32Array,
  {batchSize, start = 0, augment, random, concurrency = 4}: ReadingOptions,
  {fit, prepare}: Preparation<S>,
  ahead: DecodeAhead,
): () => Promise<S> {
  const limit = pLimit(concurrency);
  const queue: Promise<S>[] = [];
  const fitted = new WeakSet<Image>();
  let started = start;
  // The streams of the samples before go unused.
  if (augment && random) for (let i = 0; i < start; i++) random.split();

  /** @param away - Called when all that is left to do here is to wait. */
  async function read(index: number, stream: Random | undefined, away: () => void): Promise<S> {
    const decoder =
      ahead.threads === 0 ? undefined : threadDecoder(ahead, {away, fitted, ...(fit && !augment && {fit})});
    const sample = await dataset.get(index, decoder);
    return prepare(augment && stream ? augment(sample, stream) : sample, fitted.has(sample.image));
  }

  return () => {
    while (started < order.length && queue.length < 2 * batchSize) {
      const index = order[started++];
      const stream = augment && random?.split();
      const reading = new Promise<S>((resolve, reject) => {
        void limit(
          () => new Promise<void>(free => read(index, stream, free).then(resolve, reject).finally(free)),
        );
      });
      // It is awaited later, or never if the consumer stops; until then its failure is nobody's.
      reading.catch(() => {});
      queue.push(reading);
    }
    return queue.shift()!;
  };
}
