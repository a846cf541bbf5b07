import {setImmediate} from 'node:timers/promises';
import type {Dataset} from '@foveal/data';
import {checkCategories} from './checkCategories.js';
import {type Batch, disposeBatch, type Meter, type Task} from './task.js';

export interface EvaluateOptions<B extends Batch = Batch, Metrics = unknown> {
  /** @defaultValue the task's `evaluationBatch` */
  batchSize?: number;
  /** Images decoded at once. @defaultValue the loader's */
  concurrency?: number;
  /** Stops after the batch under way; `evaluate` then throws the signal's reason. */
  signal?: AbortSignal;
  /** Hears of every batch: images done, and all there are. */
  onProgress?: (done: number, total: number) => void;
  /** Counts; for whoever wants more of it than its result. @defaultValue a fresh one of the task's */
  meter?: Meter<B, Metrics>;
}

/**
 * Measures a task on a dataset, in evaluation mode and without gradients. The model's mode is put back.
 *
 * @returns The task's metrics; for a classifier top-1, top-5, mean loss and counts per category.
 * @throws RangeError for an empty dataset, TypeError if its categories are not the task's.
 */
export async function evaluate<B extends Batch, Prediction, Metrics>(
  task: Task<B, Prediction, Metrics>,
  dataset: Dataset,
  {
    batchSize = task.evaluationBatch ?? 100,
    concurrency,
    signal,
    onProgress,
    meter = task.meter(),
  }: EvaluateOptions<B, Metrics> = {},
): Promise<Metrics> {
  if (dataset.length === 0) throw new RangeError('evaluate: the dataset has no images.');
  checkCategories('evaluate', task.description.categories, dataset.categories);
  const {training} = task.model;
  let done = 0;
  task.model.eval();
  try {
    for await (const batch of task.batches(dataset, {batchSize, ...(concurrency && {concurrency})})) {
      try {
        await meter.add(batch);
      } finally {
        disposeBatch(batch);
      }
      onProgress?.((done += batch.files.length), dataset.length);
      // A turn of the event loop, or signals and the progress bar would wait for the end.
      await setImmediate();
      signal?.throwIfAborted();
    }
  } finally {
    task.model.train(training);
  }
  return meter.result();
}
