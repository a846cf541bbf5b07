import type {Conv2d} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {Convolutional} from './convolutional.js';
import {Darknet} from './darknet.js';
import type {DarknetLayer} from './darknetLayer.js';

/**
 * The same network for prediction, whose convolutions have their batch norms folded in: the same outputs but for
 * rounding, in fewer passes over memory. The parameters of the other layers are copied.
 *
 * @returns A network in evaluation; the caller disposes it. The one given stays as it is.
 */
export function fuseBatchNorm(network: Darknet): Darknet {
  const layers = network.cfg.layers.map(
    (layer): DarknetLayer => (layer.type === 'convolutional' ? {...layer, batchNormalize: false} : layer),
  );
  const fused = new Darknet({...network.cfg, layers}).eval();
  tf.tidy(() => {
    fused.layers.forEach((layer, i) => {
      const own = network.layers[i];
      if (own instanceof Convolutional && own.bn && layer instanceof Convolutional)
        fold(own.conv, own.bn, layer);
      else layer.loadStateDict(own.stateDict());
    });
  });
  return fused;
}

function fold(conv: Conv2d, bn: NonNullable<Convolutional['bn']>, into: Convolutional): void {
  const scale = tf.mul(bn.weight, tf.rsqrt(tf.add(bn.running_var, bn.epsilon)));
  // Output channels are the last axis of a filter.
  into.conv.weight.assign(tf.mul(conv.weight, scale));
  into.conv.bias?.assign(tf.sub(bn.bias, tf.mul(bn.running_mean, scale)));
}
