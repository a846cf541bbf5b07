// Redmon et al., "You Only Look Once", CVPR 2016, arXiv:1506.02640, section 2 and equation 3.
import {boxIou, cxcywhToXyxy, untaped, xyxyToCxcywh} from '@foveal/core';
import type {DetectionLayer} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize, Target} from '../detectionNetwork.js';
import {gridCells} from './gridCells.js';
import {packTargets} from './packTargets.js';
import type {YoloLosses} from './yoloLoss.js';
import type {YoloPredictions} from './yoloPredictions.js';

/** The parts of a network's answer, in darknet's order. S² is the number of cells, B of boxes in each. */
interface Parts {
  /** `[N, S², C]`. */
  categories: tf.Tensor3D;
  /** `[N, S², B]`: how well each box fits an object; 0 where there is none. */
  confidences: tf.Tensor3D;
  /** `[N, S², B, 4]`: centre within the cell, then width and height, or their roots, as shares of the image. */
  boxes: tf.Tensor4D;
}

/**
 * Everything a `[detection]` layer says. Differentiable in `raw`.
 *
 * @param raw - `[N, …]` float32, `side² · (classes + num · 5)` values an image: its input.
 * @param input - Height and width of the network's input in pixels.
 */
export function decodeYoloV1(raw: tf.Tensor, layer: DetectionLayer, input: PixelSize): YoloPredictions {
  return tf.tidy(() => {
    const {side, num, classes} = layer;
    const {categories, confidences, boxes} = parts(raw, layer);
    const n = categories.shape[0];
    const chances = tf.reshape(layer.softmax ? tf.softmax(categories) : categories, [n, -1, 1, classes]);
    const scores = tf.mul(tf.reshape(confidences, [n, -1, num, 1]), chances);
    return {
      boxes: tf.reshape(inPixels(boxes, layer, input), [n, side * side * num, 4]) as tf.Tensor3D,
      scores: tf.reshape(scores, [n, side * side * num, classes]) as tf.Tensor3D,
    };
  });
}

/**
 * Equation 3: squared errors of the box that fits best in the cell of each object, of its confidence and of the cell's
 * categories, and of the confidence of all boxes without an object. Weighted by the scales of the section (the paper's:
 * 5 for coordinates, 0.5 for cells without an object). Differentiable in `raw`.
 *
 * @param raw - `[N, …]` float32: the layer's input.
 * @param targets - One an image, N in all.
 * @param input - Height and width of the network's input in pixels.
 */
export function yoloV1Loss(
  raw: tf.Tensor,
  targets: readonly Target[],
  layer: DetectionLayer,
  input: PixelSize,
): YoloLosses {
  return tf.tidy(() => {
    const {side, classes} = layer;
    const {categories, confidences, boxes} = parts(raw, layer);
    const n = categories.shape[0];
    const perImage = (losses: tf.Tensor, factor: number) => tf.mul(tf.sum(losses), factor / n) as tf.Scalar;

    const flat = tf.reshape(confidences, [-1]);
    if (targets.every(target => target.boxes.shape[0] === 0)) {
      const object = perImage(tf.square(flat), layer.noObjectScale);
      return {box: tf.scalar(0), object, category: tf.scalar(0)};
    }
    const learnt = untaped(() => assign(boxes, targets, layer, input));
    const found = tf.mul(
      tf.square(tf.sub(flat, learnt.confidence)),
      tf.mul(learnt.positive, layer.objectScale),
    );
    const none = tf.mul(tf.square(flat), tf.mul(tf.sub(1, learnt.positive), layer.noObjectScale));
    const object = perImage(tf.add(found, none), 1);

    const own = tf.gather(tf.reshape(boxes, [-1, 4]), learnt.boxes);
    const box = tf.mul(tf.sum(tf.square(tf.sub(own, learnt.truth)), 1), learnt.weights);
    const scores = tf.gather(tf.reshape(categories, [n * side * side, classes]), learnt.cells);
    const wanted = tf.cast(tf.oneHot(learnt.labels, classes), 'float32');
    const category = tf.mul(tf.sum(tf.square(tf.sub(scores, wanted)), 1), learnt.weights);
    return {box: perImage(box, layer.coordScale), object, category: perImage(category, layer.classScale)};
  });
}

function parts(raw: tf.Tensor, {side, num, classes}: DetectionLayer): Parts {
  const n = raw.shape[0];
  const cells = side * side;
  const flat = tf.reshape(raw, [n, cells * (classes + 5 * num)]);
  const [categories, confidences, boxes] = tf.split(flat, [cells * classes, cells * num, cells * num * 4], 1);
  return {
    categories: tf.reshape(categories, [n, cells, classes]),
    confidences: tf.reshape(confidences, [n, cells, num]),
    boxes: tf.reshape(boxes, [n, cells, num, 4]),
  };
}

/** @returns `[N, S², B, 4]`, `[x1, y1, x2, y2]` in pixels. */
function inPixels(
  boxes: tf.Tensor4D,
  {side, num, sqrt}: DetectionLayer,
  [height, width]: PixelSize,
): tf.Tensor4D {
  const [xy, wh] = tf.split(boxes, 2, 3);
  const cells = tf.reshape(gridCells(side, side, num), [1, side * side, num, 2]);
  const size = tf.tensor1d([width, height]);
  const centres = tf.mul(tf.div(tf.add(xy, cells), side), size);
  return cxcywhToXyxy(tf.concat([centres, tf.mul(sqrt ? tf.square(wh) : wh, size)], 3)) as tf.Tensor4D;
}

/** Which box learns each object: that of its cell which overlaps it most. T is the number of objects. */
function assign(boxes: tf.Tensor4D, targets: readonly Target[], layer: DetectionLayer, input: PixelSize) {
  const {side, num, sqrt} = layer;
  const packed = packTargets(targets);
  const total = boxes.shape[0] * side * side * num;
  const size = tf.tensor1d([input[1], input[0]]);
  const [centre, extent] = tf.split(xyxyToCxcywh(packed.boxes), 2, 1);
  const place = tf.mul(tf.div(centre, size), side);
  const cell = tf.minimum(tf.maximum(tf.floor(place), 0), side - 1);
  const [column, row] = tf.split(tf.cast(cell, 'int32'), 2, 1);
  const sides = tf.scalar(side, 'int32');
  const line = tf.add(tf.mul(tf.reshape(packed.images, [-1, 1]), sides), row);
  const cells = tf.reshape(tf.add(tf.mul(line, sides), column), [-1]) as tf.Tensor1D;

  const count = packed.boxes.shape[0];
  const ofCell = tf.gather(tf.reshape(inPixels(boxes, layer, input), [-1, num, 4]), cells);
  const overlaps = overlapOfEach(tf.reshape(ofCell, [-1, 4]) as tf.Tensor2D, packed.boxes, num);
  const best = tf.argMax(overlaps, 1) as tf.Tensor1D;
  const rows = tf.add(tf.mul(cells, tf.scalar(num, 'int32')), best) as tf.Tensor1D;
  const counts = tf.unsortedSegmentSum(packed.valid, rows, total);
  const fit = tf.unsortedSegmentSum(tf.mul(tf.max(overlaps, 1), packed.valid) as tf.Tensor1D, rows, total);
  const shares = tf.div(extent, size);
  return {
    cells,
    boxes: rows,
    labels: packed.labels,
    weights: tf.div(packed.valid, tf.maximum(tf.gather(counts, rows), 1)) as tf.Tensor1D,
    positive: tf.minimum(counts, 1),
    confidence: layer.rescore ? tf.div(fit, tf.maximum(counts, 1)) : tf.minimum(counts, 1),
    truth: tf.reshape(tf.concat([tf.sub(place, cell), sqrt ? tf.sqrt(tf.relu(shares)) : shares], 1), [
      count,
      4,
    ]),
  };
}

/** Of B boxes for each of T objects, in one row. @returns `[T, B]`. */
function overlapOfEach(boxes: tf.Tensor2D, truth: tf.Tensor2D, num: number): tf.Tensor2D {
  const count = truth.shape[0];
  const pairs = tf.reshape(boxIou(boxes, truth), [count, num, count]);
  const own = tf.reshape(tf.eye(count), [count, 1, count]);
  return tf.sum(tf.mul(pairs, own), 2);
}
