// SqueezeNet 1.1 as its authors trained it with Caffe: it saw bytes minus a mean, blue first.
import {Random} from '@foveal/core';
import {loadWeights, type SqueezeNet, squeezeNet1_1} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** What its images are normalised by, in [0, 1], red first. */
export const caffeNormalisation = {
  mean: [123 / 255, 117 / 255, 104 / 255],
  std: [1 / 255, 1 / 255, 1 / 255],
};

/** @param weights - The file of its weights. @returns The network, its first filters turned to see red first. */
export async function caffeSqueezeNet(weights: string): Promise<SqueezeNet> {
  const network = squeezeNet1_1({random: new Random(0)});
  await loadWeights(network, weights);
  const [filters] = network.parameters();
  tf.tidy(() => filters.assign(tf.reverse(filters, 2)));
  return network;
}
