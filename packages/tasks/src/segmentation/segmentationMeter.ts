import {
  type ConfusionMatrix,
  confusionMatrix,
  type SegmentationScores,
  segmentationScores,
} from '@foveal/data';
import type {Meter} from '../task.js';
import type {SegmentationBatch} from './pixelBatches.js';

/** How well a segmenter does on a dataset, over all pixels of all images together. */
export interface SegmentationMetrics extends SegmentationScores {
  images: number;
  /** Pixels that count. */
  pixels: number;
}

/** Counts pixels over batches. */
export class SegmentationMeter implements Meter<SegmentationBatch, SegmentationMetrics> {
  readonly #classesOf: (batch: SegmentationBatch) => Promise<Int32Array>;
  readonly #categories: readonly string[];
  /** How often each class was taken for each, over everything that was added. */
  readonly confusion: ConfusionMatrix;
  #images = 0;

  /** @param classesOf - The class of each pixel of a batch. */
  constructor(classesOf: (batch: SegmentationBatch) => Promise<Int32Array>, categories: readonly string[]) {
    this.#classesOf = classesOf;
    this.#categories = categories;
    this.confusion = {classes: categories.length, counts: new Float64Array(categories.length ** 2)};
  }

  /** @throws RangeError that names the file if a label is none of the categories'. */
  async add(batch: SegmentationBatch): Promise<void> {
    const truths = await batch.labels.data<'int32'>();
    const classes = this.#categories.length;
    const wrong = truths.findIndex(truth => truth >= classes);
    if (wrong >= 0) {
      const file = batch.files[Math.floor((wrong * batch.files.length) / truths.length)];
      throw new RangeError(`${file}: expected classes from 0 to ${classes - 1}, got ${truths[wrong]}.`);
    }
    confusionMatrix(truths, await this.#classesOf(batch), {classes, into: this.confusion});
    this.#images += batch.files.length;
  }

  result(): SegmentationMetrics {
    const pixels = this.confusion.counts.reduce((sum, count) => sum + count, 0);
    return {...segmentationScores(this.confusion, this.#categories), images: this.#images, pixels};
  }
}
