import type {Module, Preprocess, Random} from '@foveal/core';
import type {Dataset, Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';

/** What every batch has; a task adds what it learns from (labels, boxes, masks). The consumer disposes its tensors. */
export interface Batch {
  /** `[N, H, W, C]` float32, preprocessed. */
  images: tf.Tensor4D;
  /** The file each image came from. */
  files: readonly string[];
}

/** Frees the tensors of a batch, those in lists and objects of it too. */
export function disposeBatch(batch: Batch): void {
  const free = (value: unknown): void => {
    if (value instanceof tf.Tensor) value.dispose();
    else if (Array.isArray(value)) value.forEach(free);
    else if (isPlain(value)) Object.values(value).forEach(free);
  };
  free(batch);
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** How a task is to cut a dataset into batches, in the dataset's order. */
export interface BatchOptions {
  batchSize: number;
  /** Images that are decoded at once. */
  concurrency?: number;
  /** Whether the batches are to be learnt from. @defaultValue false */
  training?: boolean;
}

/** Collects a metric over batches. */
export interface Meter<B extends Batch, Metrics> {
  /** Runs the model on the batch and counts; leaves the batch to the caller. */
  add(batch: B): Promise<void>;
  /** The metrics over everything that was added. */
  result(): Metrics;
}

/** What a checkpoint needs to build the task again. */
export interface TaskDescription {
  /** Which kind of task, e.g. `classification`. */
  task: string;
  /** The model's name in the registry; undefined for a module of the user's own. */
  model: string | undefined;
  /** What the registry's builder was called with. */
  options: Record<string, unknown>;
  categories: readonly string[];
  /** Undefined for networks that see to it themselves, as their `options` say. */
  preprocess: Preprocess | undefined;
}

/**
 * A model with everything that ties it to a job: preprocessing, losses, metrics, and the meaning of its output.
 * `train`, `evaluate` and `predict` work on any task; models, losses and heads never see a dataset.
 *
 * @typeParam B - the batches it learns from.
 * @typeParam Prediction - what it says about one image, in pixels of that image where places are concerned.
 * @typeParam Metrics - what an evaluation yields.
 */
export interface Task<B extends Batch = Batch, Prediction = unknown, Metrics = unknown> {
  readonly model: Module;
  readonly description: TaskDescription;
  /** Images at once in evaluation and prediction, if nobody says. @defaultValue 100 and 32 */
  readonly evaluationBatch?: number;
  /** What the training curve shows besides losses: names of shares in [0, 1] among the metrics, with titles. */
  readonly curves?: Readonly<Record<string, string>>;
  /** Batches of a dataset, as the model takes them. */
  batches(dataset: Dataset, options: BatchOptions): AsyncIterable<B>;
  /** Mixes the images of a batch that is about to be learnt from. @returns a new batch; both are the caller's. */
  mix?(batch: B, random: Random): B;
  /**
   * The group of each image of a dataset, where batches of one group cost less; undefined if it does not matter or is
   * not known. Training then fills batches from one group as far as they go.
   */
  groups?(dataset: Dataset): ArrayLike<number> | undefined;
  /** Named scalar losses of a batch, already weighted: training minimises their sum. Differentiable. */
  losses(batch: B): Record<string, tf.Scalar>;
  /** A fresh meter for one evaluation. */
  meter(): Meter<B, Metrics>;
  /** The one number by which the best checkpoint is chosen; more is better. */
  score(metrics: Metrics): number;
  /** If `predict` first brings images to this size: threads may do that ahead, for `prepare`. */
  readonly fit?: Preprocess;
  /**
   * Does ahead, while the model is busy with others, what `predict` does first with an image. Never fails.
   *
   * @param fitted - The image in the size of `fit`, if that is done already.
   */
  prepare?(image: Image, fitted?: Image): Promise<void>;
  /** What the model says about each image, in their order. */
  predict(images: readonly Image[]): Promise<Prediction[]>;
}

/** Any task, where it does not matter which. */
export type AnyTask = Task<Batch, object>;
