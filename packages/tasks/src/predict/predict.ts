import {setImmediate} from 'node:timers/promises';
import {decodeAhead, type Image, ImageDecodeError} from '@foveal/data';
import pLimit from 'p-limit';
import type {Batch, Task} from '../task.js';

/** An image that could not be read. */
export interface BrokenImage {
  file: string;
  /** One sentence for the user. */
  reason: string;
}

export interface PredictOptions {
  /** @defaultValue the task's `evaluationBatch` */
  batchSize?: number;
  /** Images decoded at once where there are no threads for it. @defaultValue 4 */
  concurrency?: number;
  /** Threads that decode while the model computes; 0 decodes in this one. @defaultValue `FOVEAL_DECODE_THREADS`, or one a core, at most 16 */
  decodeThreads?: number;
  /** Seconds after which an image counts as broken: of a file on a server that hangs. @defaultValue 60 */
  timeout?: number;
  /** Hears of each image that cannot be read, as it is met. @defaultValue the error at the end */
  onBroken?: (broken: BrokenImage) => void;
  /** Ends the predictions after the batch under way. */
  signal?: AbortSignal;
}

/** Some images could not be read; everything else was predicted before this was thrown. */
export class BrokenImagesError extends Error {
  override readonly name = 'BrokenImagesError';
  readonly broken: readonly BrokenImage[];

  constructor(broken: readonly BrokenImage[]) {
    const lines = broken.map(({reason}) => `\n  ${reason}`);
    super(`predict: ${broken.length} of the images could not be read:${lines.join('')}`);
    this.broken = broken;
  }
}

/** What a task says about one file, with the image as it was decoded. */
export type FilePrediction<Prediction> = Prediction & {file: string; image: Image};

/**
 * Predicts image files in batches, in their order, reading ahead while the model computes. Files may come from a
 * stream of any length. An image that cannot be read does not stop the others.
 *
 * @throws BrokenImagesError at the end, if some could not be read and `onBroken` was not given.
 */
export async function* predict<B extends Batch, Prediction extends object, Metrics>(
  task: Task<B, Prediction, Metrics>,
  files: Iterable<string> | AsyncIterable<string>,
  {
    batchSize = task.evaluationBatch ?? 32,
    concurrency = 4,
    decodeThreads,
    timeout = 60,
    onBroken,
    signal,
  }: PredictOptions = {},
): AsyncGenerator<FilePrediction<Prediction>, void, undefined> {
  const broken: BrokenImage[] = [];
  const report = onBroken ?? ((one: BrokenImage) => void broken.push(one));
  const {training} = task.model;
  const threads = decodeAhead(decodeThreads);
  const read = async (file: string): Promise<Decoded> => {
    try {
      const {image, fitted} = await threads.run({file, timeout, ...(task.fit && {fit: task.fit})});
      await task.prepare?.(image, fitted);
      return {file, image};
    } catch (error) {
      if (error instanceof ImageDecodeError) return {file, reason: error.message};
      throw error;
    }
  };
  // Threads have queues of their own; they are filled before the model blocks this thread.
  const atOnce = threads.threads === 0 ? concurrency : Number.POSITIVE_INFINITY;
  task.model.eval();
  try {
    for await (const decoded of ahead(decodeBatches(files, read, {batchSize, concurrency: atOnce}))) {
      signal?.throwIfAborted();
      const readable: {file: string; image: Image}[] = [];
      for (const one of decoded) {
        if ('image' in one) readable.push(one);
        else report(one);
      }
      if (readable.length === 0) continue;
      const predictions = await task.predict(readable.map(({image}) => image));
      for (const [i, prediction] of predictions.entries()) yield {...readable[i], ...prediction};
      await setImmediate();
    }
  } finally {
    threads.close();
    task.model.train(training);
  }
  if (broken.length) throw new BrokenImagesError(broken);
}

type Decoded = {file: string; image: Image} | BrokenImage;

async function* decodeBatches(
  files: Iterable<string> | AsyncIterable<string>,
  read: (file: string) => Promise<Decoded>,
  {batchSize, concurrency}: {batchSize: number; concurrency: number},
): AsyncGenerator<Decoded[]> {
  const limit = pLimit(concurrency);
  let batch: Promise<Decoded>[] = [];
  for await (const file of files) {
    batch.push(limit(() => read(file)));
    if (batch.length < batchSize) continue;
    yield Promise.all(batch);
    batch = [];
  }
  if (batch.length) yield Promise.all(batch);
}

/**
 * Asks for each item before the one before it is done with, so that decoding and computing overlap: what is asked for is
 * in the threads' hands when the consumer goes on, as it may block this thread at once.
 */
async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    while (true) {
      const {value, done} = await next;
      if (done) return;
      next = items.next();
      // It is awaited in the next round; until then its failure is nobody's.
      next.catch(() => {});
      await setImmediate();
      yield value;
    }
  } finally {
    await items.return(undefined);
  }
}
