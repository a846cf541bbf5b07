// Redmon & Farhadi, "YOLO9000: Better, Faster, Stronger", CVPR 2017, arXiv:1612.08242, section 2, "Direct location
// prediction".
import type {RegionLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize} from '../detectionNetwork.js';
import {type BoxPlaces, decodeBoxes} from './decodeYolo.js';
import {gridCells} from './gridCells.js';
import type {YoloPredictions} from './yoloPredictions.js';

/**
 * Everything a `[region]` layer says. Differentiable in `raw`.
 *
 * @param raw - `[N, h, w, anchors · (5 + classes)]` float32: its input.
 * @param input - Height and width of the network's input in pixels.
 */
export function decodeRegion(raw: tf.Tensor4D, layer: RegionLayer, input: PixelSize): YoloPredictions {
  return tf.tidy(() => {
    const [n, height, width] = raw.shape;
    const flat = tf.reshape(raw, [n, -1, 5 + layer.classes]);
    const [box, object, classes] = tf.split(flat, [4, 1, layer.classes], 2);
    const boxes = decodeBoxes(box, regionPlaces(layer, height, width, input), 1) as tf.Tensor3D;
    const chances = layer.softmax ? tf.softmax(classes) : tf.sigmoid(classes);
    return {boxes, scores: tf.mul(tf.sigmoid(object), chances) as tf.Tensor3D};
  });
}

/** The cell and the anchor of every box: `[h · w · anchors, 2]` each, in pixels; the file has anchors in cells. */
export function regionPlaces(
  {anchors}: Pick<RegionLayer, 'anchors'>,
  height: number,
  width: number,
  input: PixelSize,
): BoxPlaces {
  const stride = tf.tensor1d([input[1] / width, input[0] / height]);
  return {
    cells: gridCells(height, width, anchors.length),
    anchors: tf.tile(tf.mul(tf.tensor2d(anchors), stride), [height * width, 1]) as tf.Tensor2D,
    stride,
  };
}
