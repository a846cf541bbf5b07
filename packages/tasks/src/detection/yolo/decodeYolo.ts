// Redmon & Farhadi, "YOLOv3: An Incremental Improvement", 2018, arXiv:1804.02767, section 2.1; the scale of the centres
// from YOLOv4, arXiv:2004.10934, section 3.3, "eliminate grid sensitivity".
import {cxcywhToXyxy} from '@foveal/core';
import type {YoloLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize} from '../detectionNetwork.js';
import {gridCells} from './gridCells.js';
import type {YoloPredictions} from './yoloPredictions.js';

/** What a box's place and size are decoded from. */
export type BoxRule = Pick<YoloLayer, 'anchors' | 'mask' | 'scaleXY'>;

/**
 * Logarithm of the largest factor between an anchor and a box. Deviation: darknet sets no limit; a network that is
 * wrong beyond it would make the loss infinite.
 */
const largestLog = 8;

/** Places and sizes of boxes in one unit: that of `stride` and `anchors`. */
export interface BoxPlaces {
  /** `[..., 2]`: column and row of the cell. */
  cells: tf.Tensor;
  /** `[..., 2]`: width and height of the anchor. */
  anchors: tf.Tensor;
  /** `[2]`: width and height of a cell. */
  stride: tf.Tensor;
}

/**
 * Boxes from what a network says. Differentiable in `raw`.
 *
 * @param raw - `[..., 4]` float32: centre (before the logistic function), then logarithms of width and height.
 * @returns `[..., 4]` float32, `[x1, y1, x2, y2]` in the unit of `stride`.
 */
export function decodeBoxes(raw: tf.Tensor, {cells, anchors, stride}: BoxPlaces, scaleXY: number): tf.Tensor {
  return tf.tidy(() => {
    const [xy, wh] = tf.split(raw, 2, -1);
    const share = tf.sigmoid(xy);
    const within = scaleXY === 1 ? share : tf.sub(tf.mul(share, scaleXY), (scaleXY - 1) / 2);
    const centres = tf.mul(tf.add(within, cells), stride);
    const sizes = tf.mul(tf.exp(tf.clipByValue(wh, -largestLog, largestLog)), anchors);
    return cxcywhToXyxy(tf.concat([centres, sizes], -1));
  });
}

/**
 * Everything a `[yolo]` layer says. Differentiable in `raw`.
 *
 * @param raw - `[N, h, w, mask · (5 + classes)]` float32: its input.
 * @param input - Height and width of the network's input in pixels.
 */
export function decodeYolo(raw: tf.Tensor4D, layer: YoloLayer, input: PixelSize): YoloPredictions {
  return tf.tidy(() => {
    const [n, height, width] = raw.shape;
    const flat = tf.reshape(raw, [n, -1, 5 + layer.classes]);
    const [box, object, classes] = tf.split(flat, [4, 1, layer.classes], 2);
    const boxes = decodeBoxes(box, headPlaces(layer, height, width, input), layer.scaleXY) as tf.Tensor3D;
    const scores = tf.mul(tf.sigmoid(object), tf.sigmoid(classes)) as tf.Tensor3D;
    return {boxes, scores};
  });
}

/** The cell and the anchor of every box of a head: `[h · w · mask, 2]` each, in pixels of the network's input. */
export function headPlaces(
  {anchors, mask}: BoxRule,
  height: number,
  width: number,
  input: PixelSize,
): BoxPlaces {
  const sides = mask.flatMap(index => anchors[index]);
  const all = Float32Array.from({length: height * width * sides.length}, (_, i) => sides[i % sides.length]);
  return {
    cells: gridCells(height, width, mask.length),
    anchors: tf.tensor2d(all, [height * width * mask.length, 2]),
    stride: tf.tensor1d([input[1] / width, input[0] / height]),
  };
}
