// Redmon & Farhadi, "YOLO9000", arXiv:1612.08242, section 2, and YOLOv3, arXiv:1804.02767, section 2.1; the weight of
// small boxes from darknet.
import {sigmoidCrossEntropy, untaped, xyxyToCxcywh} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize} from '../detectionNetwork.js';
import type {BoxPlaces} from './decodeYolo.js';

export interface CoordinateLossOptions {
  /** Of the layer. */
  scaleXY: number;
  /** Height and width of the network's input in pixels. */
  input: PixelSize;
}

const each = {reduction: 'none'} as const;

/**
 * How far boxes are from their objects, in what the network says: cross-entropy of the place within the cell, half of
 * the squared error of the logarithms of width and height; up to twice as much for small objects. Its gradients are
 * the deltas of darknet. Differentiable in `raw`.
 *
 * @param raw - `[Q, 4]` float32, as `decodeBoxes` takes it.
 * @param truth - `[Q, 4]` float32, `[x1, y1, x2, y2]` in pixels.
 * @returns `[Q]` float32.
 */
export function coordinateLoss(
  raw: tf.Tensor2D,
  truth: tf.Tensor2D,
  {cells, anchors, stride}: BoxPlaces,
  {scaleXY, input}: CoordinateLossOptions,
): tf.Tensor1D {
  return tf.tidy(() => {
    const {place, logs, scale} = untaped(() => {
      const [centre, size] = tf.split(xyxyToCxcywh(truth), 2, 1);
      const within = tf.sub(tf.div(centre, stride), cells);
      const share = tf.div(tf.prod(size, 1), input[0] * input[1]);
      return {
        place: tf.clipByValue(tf.div(tf.add(within, (scaleXY - 1) / 2), scaleXY), 0, 1),
        logs: tf.log(tf.div(tf.maximum(size, 1e-6), anchors)),
        scale: tf.sub(2, share),
      };
    });
    const [xy, wh] = tf.split(raw, 2, 1);
    const errors = tf.add(sigmoidCrossEntropy(xy, place, each), tf.mul(tf.square(tf.sub(wh, logs)), 0.5));
    return tf.mul(tf.sum(errors, 1), scale) as tf.Tensor1D;
  });
}
