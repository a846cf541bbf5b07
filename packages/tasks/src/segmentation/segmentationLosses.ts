import {diceLoss, focalLoss, jaccardLoss, pixelCrossEntropy} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {SegmentationBatch} from './pixelBatches.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';

/** Losses that can be mixed. */
export const pixelLossNames = ['crossEntropy', 'dice', 'jaccard', 'focal'] as const;
export type PixelLossName = (typeof pixelLossNames)[number];

export interface SegmentationLossOptions {
  /** How much each loss counts. @defaultValue `{crossEntropy: 1}` */
  losses?: Partial<Record<PixelLossName, number>>;
  /** How much each class counts in cross-entropy and focal loss. @defaultValue all 1 */
  classWeights?: readonly number[] | undefined;
}

/** Named losses of the network's logits; auxiliary heads come in by their weights as `auxiliary`. */
export function segmentationLosses(
  network: SegmentationNetwork,
  {images, labels, weights: pixelWeights}: SegmentationBatch,
  {losses = {crossEntropy: 1}, classWeights}: SegmentationLossOptions = {},
): Record<string, tf.Scalar> {
  if (network.losses) return network.losses(images, labels);
  return tf.tidy(() => {
    const weights = classWeights && tf.tensor1d([...classWeights]);
    const ignore = {ignoreIndex: -1};
    const of = {
      crossEntropy(logits: tf.Tensor4D) {
        if (!pixelWeights) return pixelCrossEntropy(logits, labels, {...ignore, weights});
        const each = pixelCrossEntropy(logits, labels, {...ignore, weights, reduction: 'none'});
        const counts = tf.cast(tf.greaterEqual(labels, 0), 'float32');
        return tf.div(tf.sum(tf.mul(each, pixelWeights)), tf.maximum(tf.sum(counts), 1)) as tf.Scalar;
      },
      dice: (logits: tf.Tensor4D) => diceLoss(logits, labels, ignore),
      jaccard: (logits: tf.Tensor4D) => jaccardLoss(logits, labels, ignore),
      focal: (logits: tf.Tensor4D) => focalLoss(logits, labels, {...ignore, weights}),
    } satisfies Record<PixelLossName, (logits: tf.Tensor4D) => tf.Scalar>;
    const mixed = (logits: tf.Tensor4D) =>
      pixelLossNames.flatMap(name => {
        const share = losses[name] ?? 0;
        return share ? [[name, tf.mul(of[name](logits), share) as tf.Scalar] as const] : [];
      });
    const [logits, ...auxiliary] = network.forwardAll?.(images) ?? [network.forward(images)];
    const named: Record<string, tf.Scalar> = Object.fromEntries(mixed(logits));
    const shares = network.auxiliaryWeights ?? [];
    const extra = auxiliary.flatMap((logits, i) =>
      mixed(logits).map(([, loss]) => tf.mul(loss, shares[i]) as tf.Scalar),
    );
    return extra.length ? {...named, auxiliary: tf.addN(extra)} : named;
  });
}
