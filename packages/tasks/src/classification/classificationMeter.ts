import {softmaxCrossEntropy} from '@foveal/core';
import type {ConfusionMatrix} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {Meter} from '../task.js';
import type {LabelledBatch} from './classifier.js';

/** How well one category is recognised. */
export interface CategoryMetrics {
  category: string;
  /** Images that are of it. */
  images: number;
  /** Of those, how many were recognised. */
  correct: number;
  /** Images taken for it, rightly or not. */
  predicted: number;
  /** `correct / images`, in [0, 1]; 0 where there are no images. */
  top1: number;
}

/** How well a classifier does on a dataset. */
export interface ClassificationMetrics {
  /** The share of images whose most probable category is the true one, in [0, 1]. */
  top1: number;
  /** The share of images whose true category is among the five most probable, in [0, 1]. */
  top5: number;
  /** The mean softmax cross-entropy over the images. */
  loss: number;
  images: number;
  perClass: CategoryMetrics[];
}

/** Counts hits over batches. A tie between categories is a miss unless the true one comes first in their order. */
export class ClassificationMeter implements Meter<LabelledBatch, ClassificationMetrics> {
  readonly #logitsOf: (images: tf.Tensor4D) => tf.Tensor2D;
  readonly #perClass: CategoryMetrics[];
  /** How often each category was taken for each, over everything that was added. */
  readonly confusion: ConfusionMatrix;
  #top5 = 0;
  #loss = 0;

  /** @param logitsOf - the model: `[N, H, W, C]` to `[N, categories.length]`. */
  constructor(logitsOf: (images: tf.Tensor4D) => tf.Tensor2D, categories: readonly string[]) {
    this.#logitsOf = logitsOf;
    this.#perClass = categories.map(category => ({category, images: 0, correct: 0, predicted: 0, top1: 0}));
    this.confusion = {classes: categories.length, counts: new Float64Array(categories.length ** 2)};
  }

  /** @throws RangeError that names the file if a label is none of the categories'. */
  async add({images, labels, files}: LabelledBatch): Promise<void> {
    const classes = this.#perClass.length;
    const truths = await labels.data();
    const wrong = truths.findIndex(truth => !(truth >= 0 && truth < classes));
    if (wrong >= 0) {
      throw new RangeError(
        `${files[wrong]}: expected a label from 0 to ${classes - 1}, got ${truths[wrong]}.`,
      );
    }
    const [logits, losses] = tf.tidy(() => {
      const output = this.#logitsOf(images);
      return [output, softmaxCrossEntropy(output, labels, {reduction: 'none'})];
    });
    try {
      const [scores, loss] = await Promise.all([logits.data(), losses.data()]);
      truths.forEach((truth, i) => {
        this.#count(scores.subarray(i * classes, (i + 1) * classes), truth);
        this.#loss += loss[i];
      });
    } finally {
      tf.dispose([logits, losses]);
    }
  }

  #count(scores: ArrayLike<number>, truth: number): void {
    let above = 0;
    let first = 0;
    for (let c = 0; c < scores.length; c++) {
      if (scores[c] > scores[first]) first = c;
      // Written so that a score of NaN counts against the model.
      if (c !== truth && !(scores[c] < scores[truth] || (scores[c] === scores[truth] && c > truth))) above++;
    }
    this.confusion.counts[truth * scores.length + first]++;
    this.#perClass[truth].images++;
    this.#perClass[first].predicted++;
    if (above === 0) this.#perClass[truth].correct++;
    if (above < 5) this.#top5++;
  }

  result(): ClassificationMetrics {
    const images = this.#perClass.reduce((sum, one) => sum + one.images, 0);
    const correct = this.#perClass.reduce((sum, one) => sum + one.correct, 0);
    const share = (count: number) => (images ? count / images : 0);
    return {
      top1: share(correct),
      top5: share(this.#top5),
      loss: share(this.#loss),
      images,
      perClass: this.#perClass.map(one => ({...one, top1: one.images ? one.correct / one.images : 0})),
    };
  }
}
