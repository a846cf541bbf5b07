import {Conv2d, Linear} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone} from './backbone.js';
import {shapesOnly} from './shapesOnly.js';
import {watchOutputs} from './watchOutputs.js';

/**
 * Multiplications, each with its addition, in the convolutions and fully connected layers of a forward pass for one
 * image, counted from the shapes that really occur; biases, norms and poolings are left out, as papers do. What
 * torchvision calls FLOPs.
 *
 * @param inputShape - `[height, width, channels]` of the image.
 */
export function multiplyAdds(model: Backbone, inputShape: readonly [number, number, number]): number {
  const modules = [...model.namedModules()].map(([, module]) => module);
  const layers = modules.filter(module => module instanceof Conv2d || module instanceof Linear);
  const modes = modules.map(({training}) => training);
  let count = 0;
  model.eval();
  try {
    shapesOnly(() => {
      const image = tf.zeros<tf.Rank.R4>([1, ...inputShape]);
      watchOutputs(
        layers,
        ({weight}, {size, shape}) => {
          count += (size / shape[shape.length - 1]) * weight.size;
        },
        () => tf.dispose(model.forward(image)),
      );
      return undefined;
    });
  } finally {
    modules.forEach((module, i) => {
      module.training = modes[i];
    });
  }
  return count;
}
