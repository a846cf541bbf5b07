import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';
import {Module} from './module.js';
import {checkIntegers, type Pair, pair} from './pair.js';

/** The mean over `[height, width]` bins that cover the image, whatever its size; bins may overlap, as in PyTorch. */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: [number, number];

  /** @param outputSize - Bins, one number for both axes or `[height, width]`. */
  constructor(outputSize: Pair) {
    super();
    checkIntegers('AdaptiveAvgPool2d', {outputSize}, 1);
    this.outputSize = pair(outputSize);
  }

  /** @param x - `[N, H, W, C]` float32. @returns `[N, height, width, C]`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    checkShapes('AdaptiveAvgPool2d', {x: [x, 'N H W C']});
    const [bins, image] = [this.outputSize, x.shape.slice(1, 3)];
    if (bins.every((b, axis) => b === image[axis])) return tf.clone(x);
    if (bins.every(b => b === 1)) return tf.mean(x, [1, 2], true);
    if (bins.every((b, axis) => image[axis] % b === 0)) {
      const window: [number, number] = [image[0] / bins[0], image[1] / bins[1]];
      return tf.avgPool(x, window, window, 'valid');
    }
    return tf.tidy(() => averageColumns(averageRows(x, bins[0]), bins[1]));
  }
}

/** One value per image and channel: their mean. `[N, H, W, C]` to `[N, 1, 1, C]`. */
export class GlobalAvgPool2d extends AdaptiveAvgPool2d {
  constructor() {
    super(1);
  }
}

function averageRows(x: tf.Tensor4D, bins: number): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const means = tf.matMul(binMatrix(height, bins), tf.reshape(x, [n, height, width * channels]));
  return tf.reshape(means, [n, bins, width, channels]);
}

function averageColumns(x: tf.Tensor4D, bins: number): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const means = tf.matMul(binMatrix(width, bins), tf.reshape(x, [n * height, width, channels]));
  return tf.reshape(means, [n, height, bins, channels]);
}

/** `[1, bins, size]`: bin i is the mean of `floor(i · size / bins)` up to, without, `ceil((i + 1) · size / bins)`. */
function binMatrix(size: number, bins: number): tf.Tensor3D {
  const matrix = new Float32Array(bins * size);
  for (let bin = 0; bin < bins; bin++) {
    const start = Math.floor((bin * size) / bins);
    const end = Math.ceil(((bin + 1) * size) / bins);
    matrix.fill(1 / (end - start), bin * size + start, bin * size + end);
  }
  return tf.tensor3d(matrix, [1, bins, size]);
}
