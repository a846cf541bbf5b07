import {Conv2d, ConvTranspose2d, Linear, type Module} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Multiplications, each with its addition, by which a layer made an output: of convolutions, transposed ones and fully
 * connected layers; 0 for others.
 *
 * @param output - What the layer itself gave, the whole batch.
 */
export function layerMultiplyAdds(layer: Module, {size, shape}: tf.Tensor): number {
  if (layer instanceof Conv2d || layer instanceof Linear) {
    return (size / shape[shape.length - 1]) * layer.weight.size;
  }
  if (!(layer instanceof ConvTranspose2d)) return 0;
  // Each pixel that goes in lays all filters once; some of what they reach is cut off, but was multiplied.
  const {weight, stride, padding, outputPadding, dilation} = layer;
  const pixels = [0, 1].map(axis => {
    const laid = shape[1 + axis] + 2 * padding[axis] - outputPadding[axis];
    return (laid - dilation[axis] * (weight.shape[axis] - 1) - 1) / stride[axis] + 1;
  });
  return shape[0] * pixels[0] * pixels[1] * weight.size;
}
