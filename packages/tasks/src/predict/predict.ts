import {setImmediate} from 'node:timers/promises';
import {decodeImage, type Image} from '@foveal/data';
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
  /** Images decoded at once. @defaultValue 4 */
  concurrency?: number;
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
    timeout = 60,
    onBroken,
    signal,
  }: PredictOptions = {},
): AsyncGenerator<FilePrediction<Prediction>, void, undefined> {
  const broken: BrokenImage[] = [];
  const report = onBroken ?? ((one: BrokenImage) => void broken.push(one));
  const {training} = task.model;
  const read = async (file: string) => {
    const decoded = await decode(file, timeout);
    if ('image' in decoded) await task.prepare?.(decoded.image);
    return decoded;
  };
  task.model.eval();
  try {
    for await (const decoded of ahead(decodeBatches(files, read, {batchSize, concurrency}))) {
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

async function decode(file: string, timeout: number): Promise<Decoded> {
  try {
    return {file, image: await within(timeout, decodeImage(file))};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {file, reason: reason.includes(file) ? reason : `${file}: ${reason}`};
  }
}

/** What is late goes on in the background, where nothing can stop it, but nobody waits for it. */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const say = () => reject(new Error(`it took longer than ${seconds} s to read.`));
    timer = setTimeout(say, seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks for each item before the one before it is done with, so that decoding and computing overlap. */
async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  try {
    while (true) {
      const {value, done} = await next;
      if (done) return;
      next = items.next();
      // It is awaited in the next round; until then its failure is nobody's.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await items.return(undefined);
  }
}
