// Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017, arXiv:1612.03144, section 4.2, equation 1.
import {boxArea, checkShapes, indicesWhere, roiAlign, untaped} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

export interface MultiScaleRoiAlignOptions {
  /** Pixels of the input per pixel of each map, powers of 2, from the finest on. */
  strides: readonly number[];
  /** Cells along each side of what comes out. */
  outputSize: number;
  /** Samples along each side of a cell. @defaultValue 2 */
  samplingRatio?: number;
}

/** Pools each box from the level of a pyramid that suits its size. */
export class MultiScaleRoiAlign {
  readonly options: Required<MultiScaleRoiAlignOptions>;

  constructor({samplingRatio = 2, ...options}: MultiScaleRoiAlignOptions) {
    this.options = {samplingRatio, ...options};
  }

  /**
   * Differentiable in the maps.
   *
   * @param maps - `[N, H, W, C]` float32, one for each stride.
   * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]` in pixels of the input.
   * @param images - `[K]` int32: the image of each box.
   * @returns `[K, outputSize, outputSize, C]` float32.
   */
  pool(maps: readonly tf.Tensor4D[], boxes: tf.Tensor2D, images: tf.Tensor1D): tf.Tensor4D {
    const {strides, outputSize, samplingRatio} = this.options;
    const {K} = checkShapes('MultiScaleRoiAlign', {boxes: [boxes, 'K 4'], images: [images, 'K', 'int32']});
    const align = (level: number, boxes: tf.Tensor2D, images: tf.Tensor1D) =>
      roiAlign(maps[level], boxes, images, {
        outputSize: [outputSize, outputSize],
        spatialScale: 1 / strides[level],
        samplingRatio,
        aligned: false,
      });
    if (maps.length === 1 || K === 0) return align(0, boxes, images);
    return tf.tidy(() => {
      const byLevel = untaped(() => {
        const levels = assignLevels(boxes, strides);
        return maps.map((_, level) => indicesWhere(tf.equal(levels, level)));
      });
      const used = [...byLevel.keys()].filter(level => byLevel[level].size > 0);
      const pooled = used.map(level =>
        align(level, tf.gather(boxes, byLevel[level]), tf.gather(images, byLevel[level])),
      );
      if (pooled.length === 1) return pooled[0];
      return rearranged(
        pooled,
        untaped(() => tf.concat(byLevel)),
      );
    });
  }
}

/**
 * The level of the pyramid for each box: one of 224 pixels, the size of ImageNet's images, belongs to stride 16, one of
 * half the size to the next finer.
 *
 * @param boxes - `[K, 4]` float32.
 * @returns `[K]` int32: indices into `strides`.
 */
export function assignLevels(boxes: tf.Tensor2D, strides: readonly number[]): tf.Tensor1D {
  return tf.tidy(() => {
    const [finest, coarsest] = [strides[0], strides[strides.length - 1]].map(Math.log2);
    const octaves = tf.div(tf.log(tf.div(tf.sqrt(boxArea(boxes)), 224)), Math.LN2);
    // The margin keeps a box of just 224 pixels where rounding would send it a level down.
    const levels = tf.floor(tf.add(tf.add(octaves, 4), 1e-6));
    return tf.cast(tf.sub(tf.clipByValue(levels, finest, coarsest), finest), 'int32') as tf.Tensor1D;
  });
}

/**
 * Puts rows that come part by part into the places that `order` names, and frees the parts. tfjs's own gradients would keep the parts and
 * their concatenation, which is most of what a network holds for its boxes.
 */
function rearranged(parts: readonly tf.Tensor4D[], order: tf.Tensor1D): tf.Tensor4D {
  const sizes = parts.map(({shape}) => shape[0]);
  const join = tf.customGrad((...args) => {
    const inputs = args.slice(0, -1) as tf.Tensor[];
    const joined = tf.concat(inputs);
    tf.dispose(inputs); // 50 MB for a thousand boxes, and nobody else reads them
    const value = tf.tidy(() => tf.gather(joined, inverse(order)));
    joined.dispose();
    (args[inputs.length] as tf.GradSaveFunc)([order]);
    return {value, gradFunc: (dy, [order]) => tf.tidy(() => tf.split(tf.gather(dy, order), sizes))};
  });
  return join(...parts) as tf.Tensor4D;
}

/** Where each number of a permutation stands. */
function inverse(permutation: tf.Tensor1D): tf.Tensor1D {
  const {size} = permutation;
  return tf.scatterND(tf.expandDims(permutation, 1), tf.range(0, size, 1, 'int32'), [size]);
}
