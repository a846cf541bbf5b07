import * as tf from '@tensorflow/tfjs-core';

/**
 * The mean gradient of several batches, each weighed by its images: for losses that are means over the images it is
 * the gradient of one batch of them all, the last and smaller one of an epoch included.
 */
export class GradientMean {
  #mean: tf.NamedTensorMap = {};
  #images = 0;

  /** @param grads - Of a batch's mean loss, by variable name; they are this object's from now on. */
  add(grads: tf.NamedTensorMap, images: number): void {
    const before = this.#mean;
    const total = this.#images + images;
    if (this.#images === 0) {
      this.#mean = grads;
    } else {
      const [old, share] = [this.#images / total, images / total];
      this.#mean = Object.fromEntries(
        Object.entries(grads).map(([name, grad]) => [
          name,
          tf.tidy(() => tf.add(tf.mul(before[name], old), tf.mul(grad, share))),
        ]),
      );
      tf.dispose([before, grads]);
    }
    this.#images = total;
  }

  /** Hands the mean over, to be disposed by the caller, and starts anew. */
  take(): tf.NamedTensorMap {
    const mean = this.#mean;
    this.#mean = {};
    this.#images = 0;
    return mean;
  }

  /** Frees what nobody took. */
  dispose(): void {
    tf.dispose(this.take());
  }
}
