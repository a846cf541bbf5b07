import type {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {layerMultiplyAdds} from './layerMultiplyAdds.js';
import {shapesOnly} from './shapesOnly.js';
import {watchOutputs} from './watchOutputs.js';

/**
 * Multiplications, each with its addition, in the convolutions, transposed ones and fully connected layers of a forward pass for one
 * image, counted from the shapes that really occur; biases, norms and poolings are left out, as papers do. What
 * torchvision calls FLOPs.
 *
 * @param inputShape - `[height, width, channels]` of the image.
 */
export function multiplyAdds(
  model: Module & {forward(images: tf.Tensor4D): tf.Tensor},
  inputShape: readonly [number, number, number],
): number {
  const modules = [...model.namedModules()].map(([, module]) => module);
  const modes = modules.map(({training}) => training);
  let count = 0;
  model.eval();
  try {
    shapesOnly(() => {
      const image = tf.zeros<tf.Rank.R4>([1, ...inputShape]);
      watchOutputs(
        modules,
        (module, output) => {
          count += layerMultiplyAdds(module, output);
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
