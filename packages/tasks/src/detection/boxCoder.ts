// Girshick et al., "Rich feature hierarchies for accurate object detection", CVPR 2014, arXiv:1311.2524, appendix C;
// the weights and the limit are those of Girshick's py-faster-rcnn and Detectron.
import {checkShapes} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** What the offsets of x, y, width and height are multiplied by, so that their spread is near 1. */
export type BoxWeights = readonly [x: number, y: number, width: number, height: number];

/** No box grows by more than this, so that the exponential stays finite. */
const largestGrowth = Math.log(1000 / 16);

/**
 * What a network has to say to move each reference onto its box: the shift of the centre in sizes of the reference,
 * and the logarithm of the growth.
 *
 * @param boxes - `[K, 4]` float32, `[x1, y1, x2, y2]`, of positive width and height.
 * @param references - `[K, 4]` float32, likewise: anchors or proposals.
 * @returns `[K, 4]` float32: `[dx, dy, dw, dh]`.
 */
export function encodeBoxes(boxes: tf.Tensor2D, references: tf.Tensor2D, weights: BoxWeights): tf.Tensor2D {
  checkShapes('encodeBoxes', {boxes: [boxes, 'K 4'], references: [references, 'K 4']});
  return tf.tidy(() => {
    const [to, from] = [centred(boxes), centred(references)];
    const shift = tf.div(tf.sub(to.centre, from.centre), from.size);
    const growth = tf.log(tf.div(to.size, from.size));
    return tf.mul(tf.concat([shift, growth], 1), tf.tensor1d([...weights]));
  });
}

/**
 * Moves references by what a network says: the inverse of {@link encodeBoxes}.
 *
 * @param offsets - `[K, 4]` float32: `[dx, dy, dw, dh]`; a growth beyond 62.5 counts as 62.5.
 * @param references - `[K, 4]` float32, `[x1, y1, x2, y2]`.
 * @returns `[K, 4]` float32, `[x1, y1, x2, y2]`.
 */
export function decodeBoxes(offsets: tf.Tensor2D, references: tf.Tensor2D, weights: BoxWeights): tf.Tensor2D {
  checkShapes('decodeBoxes', {offsets: [offsets, 'K 4'], references: [references, 'K 4']});
  return tf.tidy(() => {
    const {centre, size} = centred(references);
    const scaled = tf.div(offsets, tf.tensor1d([...weights])) as tf.Tensor2D;
    const [shift, growth] = halves(scaled);
    const middle = tf.add(tf.mul(shift, size), centre);
    const half = tf.mul(tf.mul(tf.exp(tf.minimum(growth, largestGrowth)), size), 0.5);
    return tf.concat([tf.sub(middle, half), tf.add(middle, half)], 1) as tf.Tensor2D;
  });
}

function centred(boxes: tf.Tensor2D): {centre: tf.Tensor2D; size: tf.Tensor2D} {
  const [low, high] = halves(boxes);
  const size = tf.sub(high, low);
  return {centre: tf.add(low, tf.mul(size, 0.5)), size: size as tf.Tensor2D};
}

/** The first and the last two columns. */
const halves = (x: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D] => [
  tf.slice(x, [0, 0], [-1, 2]),
  tf.slice(x, [0, 2], [-1, 2]),
];
