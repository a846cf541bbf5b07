// Redmon & Farhadi, "YOLOv3: An Incremental Improvement", 2018, arXiv:1804.02767, section 2; the deltas of darknet's
// `[yolo]` layer as the gradients of losses.
import {sigmoidCrossEntropy, untaped} from '@foveal/core';
import type {YoloLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize, Target} from '../detectionNetwork.js';
import {assignAnchors} from './assignAnchors.js';
import {bestOverlap} from './bestOverlap.js';
import {boxOverlapLoss} from './boxOverlapLoss.js';
import {categoryTargets} from './categoryTargets.js';
import {coordinateLoss} from './coordinateLoss.js';
import {decodeBoxes, headPlaces} from './decodeYolo.js';
import {packTargets} from './packTargets.js';

const each = {reduction: 'none'} as const;

/** Sums over a batch, divided by its images. */
export type YoloLosses = Record<'box' | 'object' | 'category', tf.Scalar>;

/**
 * What a `[yolo]` layer has to learn, weighted by the normalizers of its section. Boxes that learn an object: its
 * place and size, by the overlap or by coordinates as `iou_loss` says; its category, each by a logistic function; and
 * that there is one. All others learn that there is none, unless they overlap one by more than `ignore_thresh`.
 * Differentiable in `raw`.
 *
 * @param raw - `[N, h, w, mask · (5 + classes)]` float32: the layer's input.
 * @param targets - One an image, N in all.
 * @param input - Height and width of the network's input in pixels.
 */
export function yoloLoss(
  raw: tf.Tensor4D,
  targets: readonly Target[],
  layer: YoloLayer,
  input: PixelSize,
): YoloLosses {
  return tf.tidy(() => {
    const [n, height, width] = raw.shape;
    const {anchors, mask, classes, scaleXY, iouThresh: iouThreshold} = layer;
    const packed = packTargets(targets);
    const learnt = assignAnchors(packed, [n, height, width], input, {anchors, mask, iouThreshold});
    const {rows, weights, positive, objects} = learnt;
    const perImage = (losses: tf.Tensor, factor: number) => tf.mul(tf.sum(losses), factor / n) as tf.Scalar;

    const flat = tf.reshape(raw, [-1, 5 + classes]) as tf.Tensor2D;
    const counts = untaped(() => {
      const perBox = tf.reshape(raw, [n, -1, 5 + classes]) as tf.Tensor3D;
      const places = headPlaces(layer, height, width, input);
      const boxes = decodeBoxes(tf.slice(perBox, [0, 0, 0], [-1, -1, 4]), places, scaleXY) as tf.Tensor3D;
      const far = tf.cast(tf.lessEqual(bestOverlap(boxes, targets), layer.ignoreThresh), 'float32');
      return tf.maximum(positive, far);
    });
    const objectness = tf.reshape(tf.slice(flat, [0, 4], [-1, 1]), [-1]);
    const object = tf.mul(sigmoidCrossEntropy(objectness, positive, each), counts);
    if (rows.size === 0) {
      return {box: tf.scalar(0), object: perImage(object, layer.objectNormalizer), category: tf.scalar(0)};
    }

    const [box, , category] = tf.split(tf.gather(flat, rows), [4, 1, classes], 1);
    const truth = tf.gather(packed.boxes, objects);
    const places = {...learnt, stride: tf.tensor1d([input[1] / width, input[0] / height])};
    const boxLosses =
      layer.boxLoss === 'mse'
        ? coordinateLoss(box as tf.Tensor2D, truth, places, {scaleXY, input})
        : boxOverlapLoss(decodeBoxes(box, places, scaleXY) as tf.Tensor2D, truth, layer.boxLoss);
    const wanted = categoryTargets(packed, learnt, classes, layer.labelSmoothing);
    return {
      box: perImage(tf.mul(boxLosses, weights), layer.iouNormalizer),
      object: perImage(object, layer.objectNormalizer),
      category: perImage(
        tf.mul(tf.sum(sigmoidCrossEntropy(category, wanted, each), 1), weights),
        layer.classNormalizer,
      ),
    };
  });
}
