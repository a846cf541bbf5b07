// GIoU: Rezatofighi et al., CVPR 2019, arXiv:1902.09630. DIoU and CIoU: Zheng et al., AAAI 2020, arXiv:1911.08287.
import * as tf from '@tensorflow/tfjs-core';
import {checkShapes} from '../shapes.js';
import {reduceLosses} from './reduceLosses.js';
import type {Reduction} from './softmaxCrossEntropy.js';

export interface BoxLossOptions<R extends Reduction = Reduction> {
  /** @defaultValue 'mean' */
  reduction?: R;
  /** Keeps the loss and its gradient finite for boxes without area. @defaultValue 1e-7 */
  eps?: number;
}

type Loss<R extends Reduction> = R extends 'none' ? tf.Tensor1D : tf.Scalar;

/**
 * One minus the intersection over union. Boxes that are apart get no gradient from it: what the others are for.
 * Differentiable in both.
 *
 * @param prediction - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param target - `[K, 4]` float32, in the same unit: the box of the same row.
 * @returns A scalar, or `[K]` with `reduction: 'none'`; float32 in [0, 1]. The mean of none is 0.
 * @throws TypeError if a shape is wrong.
 */
export function iouLoss<R extends Reduction = 'mean'>(
  prediction: tf.Tensor2D,
  target: tf.Tensor2D,
  {reduction, eps = 1e-7}: BoxLossOptions<R> = {},
): Loss<R> {
  return boxLoss('iouLoss', prediction, target, reduction, (a, b) => tf.sub(1, overlap(a, b, eps).iou));
}

/**
 * One minus the intersection over union, plus the part of the smallest enclosing box that neither covers: boxes that
 * are apart are drawn together. torchvision's `generalized_box_iou_loss`. Differentiable in both.
 *
 * @param prediction - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param target - `[K, 4]` float32, in the same unit: the box of the same row.
 * @returns A scalar, or `[K]` with `reduction: 'none'`; float32 in [0, 2]. The mean of none is 0.
 * @throws TypeError if a shape is wrong.
 */
export function giouLoss<R extends Reduction = 'mean'>(
  prediction: tf.Tensor2D,
  target: tf.Tensor2D,
  {reduction, eps = 1e-7}: BoxLossOptions<R> = {},
): Loss<R> {
  return boxLoss('giouLoss', prediction, target, reduction, (a, b) => {
    const {iou, union, enclosing} = overlap(a, b, eps);
    const around = areaOf(enclosing);
    return tf.add(tf.sub(1, iou), tf.div(tf.sub(around, union), tf.add(around, eps)));
  });
}

/**
 * One minus the intersection over union, plus the squared distance of the centres by the squared diagonal of the
 * smallest enclosing box. torchvision's `distance_box_iou_loss`. Differentiable in both.
 *
 * @param prediction - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param target - `[K, 4]` float32, in the same unit: the box of the same row.
 * @returns A scalar, or `[K]` with `reduction: 'none'`; float32 in [0, 2]. The mean of none is 0.
 * @throws TypeError if a shape is wrong.
 */
export function diouLoss<R extends Reduction = 'mean'>(
  prediction: tf.Tensor2D,
  target: tf.Tensor2D,
  {reduction, eps = 1e-7}: BoxLossOptions<R> = {},
): Loss<R> {
  return boxLoss('diouLoss', prediction, target, reduction, (a, b) => {
    const overlaps = overlap(a, b, eps);
    return tf.add(tf.sub(1, overlaps.iou), distance(a, b, overlaps, eps));
  });
}

/**
 * {@link diouLoss}, plus a term for the ratio of width to height, whose weight grows with the overlap and is a constant
 * to the gradient. torchvision's `complete_box_iou_loss`, but for boxes flatter than `eps`, whose gradient is NaN there
 * and finite here. Differentiable in both.
 *
 * @param prediction - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @param target - `[K, 4]` float32, in the same unit: the box of the same row.
 * @returns A scalar, or `[K]` with `reduction: 'none'`; float32, 0 or more. The mean of none is 0.
 * @throws TypeError if a shape is wrong.
 */
export function ciouLoss<R extends Reduction = 'mean'>(
  prediction: tf.Tensor2D,
  target: tf.Tensor2D,
  {reduction, eps = 1e-7}: BoxLossOptions<R> = {},
): Loss<R> {
  return boxLoss('ciouLoss', prediction, target, reduction, (a, b) => {
    const overlaps = overlap(a, b, eps);
    const angle = ({size}: Sides) => {
      const [width, height] = tf.split(size, 2, 1);
      return tf.atan(tf.div(width, tf.maximum(height, eps)));
    };
    const ratio = tf.mul(tf.square(tf.sub(angle(b), angle(a))), 4 / Math.PI ** 2);
    const weight = constant(tf.div(ratio, tf.add(tf.add(tf.sub(1, overlaps.iou), ratio), eps)));
    const loss = tf.add(tf.sub(1, overlaps.iou), distance(a, b, overlaps, eps));
    return tf.add(loss, tf.mul(weight, ratio));
  });
}

/** The corners nearest to the origin, those farthest from it, and their difference: `[K, 2]` each, x and y. */
type Sides = Record<'low' | 'high' | 'size', tf.Tensor>;

function boxLoss<R extends Reduction>(
  name: string,
  prediction: tf.Tensor2D,
  target: tf.Tensor2D,
  reduction: R | undefined,
  loss: (a: Sides, b: Sides) => tf.Tensor,
): Loss<R> {
  checkShapes(name, {prediction: [prediction, 'K 4'], target: [target, 'K 4']});
  const sides = (boxes: tf.Tensor2D): Sides => {
    const [low, high] = tf.split(boxes, 2, 1);
    return {low, high, size: tf.sub(high, low)};
  };
  return tf.tidy(
    () => reduceLosses(tf.reshape(loss(sides(prediction), sides(target)), [-1]), reduction) as Loss<R>,
  );
}

/** Columns `[K, 1]`, and the size of the smallest box around both, `[K, 2]`. */
function overlap(a: Sides, b: Sides, eps: number): Record<'iou' | 'union' | 'enclosing', tf.Tensor> {
  const shared = areaOf(tf.relu(tf.sub(tf.minimum(a.high, b.high), tf.maximum(a.low, b.low))));
  const union = tf.sub(tf.add(areaOf(a.size), areaOf(b.size)), shared);
  const enclosing = tf.sub(tf.maximum(a.high, b.high), tf.minimum(a.low, b.low));
  return {iou: tf.div(shared, tf.add(union, eps)), union, enclosing};
}

function distance(a: Sides, b: Sides, {enclosing}: {enclosing: tf.Tensor}, eps: number): tf.Tensor {
  const twice = tf.sub(tf.add(a.low, a.high), tf.add(b.low, b.high));
  const diagonal = tf.sum(tf.square(enclosing), 1, true);
  return tf.div(tf.mul(tf.sum(tf.square(twice), 1, true), 0.25), tf.add(diagonal, eps));
}

function areaOf(size: tf.Tensor): tf.Tensor {
  const [width, height] = tf.split(size, 2, 1);
  return tf.mul(width, height);
}

/** The same values, through which no gradient flows. */
const constant = (x: tf.Tensor) =>
  tf.customGrad(x => ({value: tf.clone(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy)}))(x);
