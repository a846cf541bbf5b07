// Redmon & Farhadi, "YOLO9000: Better, Faster, Stronger", CVPR 2017, arXiv:1612.08242, section 2; the deltas of darknet's
// `[region]` layer as the gradients of losses.
import {sigmoidCrossEntropy, softmaxCrossEntropy, untaped} from '@foveal/core';
import type {RegionLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize, Target} from '../detectionNetwork.js';
import {assignAnchors} from './assignAnchors.js';
import {bestOverlap} from './bestOverlap.js';
import {categoryTargets} from './categoryTargets.js';
import {coordinateLoss} from './coordinateLoss.js';
import {regionPlaces} from './decodeRegion.js';
import {decodeBoxes} from './decodeYolo.js';
import {packTargets} from './packTargets.js';
import type {YoloLosses} from './yoloLoss.js';

const each = {reduction: 'none'} as const;

/**
 * What a `[region]` layer has to learn, weighted by the scales of its section: the place, size and category of each
 * object by the anchor most like it; with `rescore`, how well its box fits as the chance of an object, else 1; and for
 * all boxes that overlap no object by `thresh`, that there is none. Differentiable in `raw`.
 *
 * Deviation: darknet draws all boxes towards their anchors over the first 12,800 images; here they begin there, because
 * a new head says nearly zero.
 *
 * @param raw - `[N, h, w, anchors · (5 + classes)]` float32: the layer's input.
 * @param targets - One an image, N in all.
 * @param input - Height and width of the network's input in pixels.
 */
export function regionLoss(
  raw: tf.Tensor4D,
  targets: readonly Target[],
  layer: RegionLayer,
  input: PixelSize,
): YoloLosses {
  return tf.tidy(() => {
    const [n, height, width] = raw.shape;
    const {classes} = layer;
    const packed = packTargets(targets);
    const anchors = layer.anchors.map(([w, h]) => [(w * input[1]) / width, (h * input[0]) / height] as const);
    const mask = anchors.map((_, i) => i);
    const learnt = assignAnchors(packed, [n, height, width], input, {anchors, mask, iouThreshold: 1});
    const {rows, weights, positive, objects} = learnt;
    const flat = tf.reshape(raw, [-1, 5 + classes]) as tf.Tensor2D;
    const perImage = (losses: tf.Tensor, factor: number) => tf.mul(tf.sum(losses), factor / n) as tf.Scalar;

    const {counts, wanted} = untaped(() => {
      const perBox = tf.reshape(raw, [n, -1, 5 + classes]) as tf.Tensor3D;
      const places = regionPlaces(layer, height, width, input);
      const boxes = decodeBoxes(tf.slice(perBox, [0, 0, 0], [-1, -1, 4]), places, 1) as tf.Tensor3D;
      const overlap = bestOverlap(boxes, targets);
      const none = tf.mul(tf.cast(tf.lessEqual(overlap, layer.thresh), 'float32'), layer.noObjectScale);
      const found = tf.mul(positive, layer.objectScale);
      return {
        counts: tf.add(found, tf.mul(tf.sub(1, positive), none)),
        wanted: layer.rescore ? tf.mul(overlap, positive) : positive,
      };
    });
    const objectness = tf.reshape(tf.slice(flat, [0, 4], [-1, 1]), [-1]);
    const object = perImage(tf.mul(sigmoidCrossEntropy(objectness, wanted, each), counts), 1);
    if (rows.size === 0) return {box: tf.scalar(0), object, category: tf.scalar(0)};

    const [box, , category] = tf.split(tf.gather(flat, rows), [4, 1, classes], 1);
    const truth = tf.gather(packed.boxes, objects);
    const places = {...learnt, stride: tf.tensor1d([input[1] / width, input[0] / height])};
    const boxLosses = coordinateLoss(box as tf.Tensor2D, truth, places, {scaleXY: 1, input});
    const labels = tf.gather(packed.labels, objects);
    const categories = layer.softmax
      ? softmaxCrossEntropy(category as tf.Tensor2D, labels, {reduction: 'none'})
      : tf.sum(sigmoidCrossEntropy(category, categoryTargets(packed, learnt, classes), each), 1);
    return {
      box: perImage(tf.mul(boxLosses, weights), layer.coordScale),
      object,
      category: perImage(tf.mul(categories, weights), layer.classScale),
    };
  });
}
