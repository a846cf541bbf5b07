// Srivastava et al., JMLR 15, 2014, section 7.5: Monte-Carlo model averaging against weight scaling.
import type {Backbone} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Probabilities of thinned networks, which a network with dropout stands for, one after another: each drops units
 * anew. Their mean is what evaluation, where all units take part, comes close to at the price of one. The network is
 * left in evaluation mode. Batch norm would take its statistics from these images: for networks without.
 *
 * @param images - `[N, H, W, C]` float32.
 * @param count - How many networks.
 * @param seed - Decides which units are dropped.
 * @returns `[N, numClasses]` float32 each; the caller owns them.
 */
export function* thinnedNetworks(
  network: Backbone,
  images: tf.Tensor4D,
  {count, seed = 0}: {count: number; seed?: number},
): Generator<tf.Tensor2D, void, undefined> {
  try {
    for (let k = 0; k < count; k++) {
      network.train();
      network.reseed(seed + k);
      yield tf.tidy(() => tf.softmax(network.forward(images)));
    }
  } finally {
    network.eval();
  }
}

/** The mean over {@link thinnedNetworks}. @returns `[N, numClasses]` float32; the caller owns it. */
export function thinnedAverage(
  network: Backbone,
  images: tf.Tensor4D,
  options: {count: number; seed?: number},
): tf.Tensor2D {
  let sum: tf.Tensor2D = tf.zeros([images.shape[0], 1]);
  for (const probabilities of thinnedNetworks(network, images, options)) {
    const before = sum;
    sum = tf.add(before, probabilities);
    tf.dispose([before, probabilities]);
  }
  const mean = tf.div(sum, options.count) as tf.Tensor2D;
  sum.dispose();
  return mean;
}
