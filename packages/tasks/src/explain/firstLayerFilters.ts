// Filters as pictures: Krizhevsky, Sutskever & Hinton, NIPS 2012, figure 3; templates of a linear classifier.
import {Conv2d, type Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * What the first layer of a network looks for: the filters of its first convolution, or the templates of a
 * classifier that begins with a fully connected layer.
 *
 * @returns `[count, height, width, channels]` float32, for `filterSheet`; the caller owns it. Undefined if the first
 * layer does not look at 1 or 3 channels, and so is no picture.
 */
export function firstLayerFilters(model: Module): tf.Tensor4D | undefined {
  const {templates} = model as Module & {templates?: () => tf.Tensor4D};
  if (templates) return templates.call(model);
  for (const [, module] of model.namedModules()) {
    if (!(module instanceof Conv2d)) continue;
    const [, , channels] = module.weight.shape;
    return channels === 1 || channels === 3 ? tf.transpose(module.weight, [3, 0, 1, 2]) : undefined;
  }
  return undefined;
}
