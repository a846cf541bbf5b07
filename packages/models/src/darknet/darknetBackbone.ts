import {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from '../backbone.js';
import type {PartOptions} from './convolutional.js';
import {Darknet, isHead} from './darknet.js';
import type {DarknetCfg} from './darknetLayer.js';

/**
 * A darknet network as a backbone: of a classifier all of it, of a detector what lies before its first head; its
 * logits are the mean of the last map then. Weights load into `network`.
 */
export class DarknetBackbone extends Module implements Backbone {
  readonly network: Darknet;
  /** The last layer of each stride on the way down. */
  readonly featureMaps: readonly FeatureMap[];

  constructor(cfg: DarknetCfg, options: PartOptions = {}) {
    super();
    const head = cfg.layers.findIndex(isHead);
    // The layer before a head is the head's own.
    const layers = head < 0 ? cfg.layers : cfg.layers.slice(0, Math.max(0, head - 1));
    this.network = new Darknet({...cfg, layers}, options);
    this.featureMaps = downwards(this.network);
  }

  /** @param image - `[N, H, W, C]` float32 in [0, 1]. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const [last] = this.network.forward(image);
      return tf.mean(last, [1, 2]) as tf.Tensor2D;
    });
  }
}

function downwards({cfg: {net, layers}, shapes}: Darknet): FeatureMap[] {
  const maps = new Map<number, FeatureMap>();
  for (const [i, {width, channels}] of shapes.entries()) {
    const {type} = layers[i];
    // From there on it is a neck or a classifier.
    if (type === 'upsample' || type === 'avgpool' || type === 'connected') break;
    const stride = net.width / width;
    if (Number.isInteger(stride)) maps.set(stride, {layer: `network.layers.${i}`, channels, stride});
  }
  return [...maps.values()];
}
