import type {DarknetCfg} from './darknetLayer.js';
import {layerShapes} from './layerShapes.js';

/** A run of numbers in a `.weights` file. */
export interface DarknetTensor {
  /** Of the parameter or buffer in `Darknet`. */
  name: string;
  /** In the file: filters `[out, in, h, w]`, matrices `[out, in]`. */
  shape: number[];
}

/** What a `.weights` file for this network holds, in its order. */
export function darknetTensors(cfg: DarknetCfg): DarknetTensor[] {
  const shapes = layerShapes(cfg);
  return cfg.layers.flatMap((layer, i) => {
    const {width, height, channels} = i === 0 ? cfg.net : shapes[i - 1];
    const named = (name: string, ...shape: number[]) => ({name: `layers.${i}.${name}`, shape});
    if (layer.type === 'convolutional') {
      const {filters, size, groups, batchNormalize} = layer;
      const weight = named('conv.weight', filters, channels / groups, size, size);
      const {bias, scales, statistics} = norm(named, filters);
      return batchNormalize ? [bias, scales, ...statistics, weight] : [named('conv.bias', filters), weight];
    }
    if (layer.type === 'connected') {
      const {output, batchNormalize} = layer;
      const weight = named('linear.weight', output, width * height * channels);
      const {bias, scales, statistics} = norm(named, output);
      return batchNormalize ? [bias, weight, scales, ...statistics] : [named('linear.bias', output), weight];
    }
    return [];
  });
}

/** Darknet adds the bias after the norm: it is the norm's. */
function norm(named: (name: string, ...shape: number[]) => DarknetTensor, channels: number) {
  return {
    bias: named('bn.bias', channels),
    scales: named('bn.weight', channels),
    statistics: [named('bn.running_mean', channels), named('bn.running_var', channels)],
  };
}
