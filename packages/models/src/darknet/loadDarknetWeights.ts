import type * as tf from '@tensorflow/tfjs-core';
import {toModelLayout} from '../weights/filterLayout.js';
import {modelTensors} from '../weights/saveWeights.js';
import type {Darknet} from './darknet.js';
import type {DarknetCfg} from './darknetLayer.js';
import {
  type DarknetHeader,
  newHeader,
  type ReadDarknetWeightsOptions,
  readDarknetWeights,
  writeDarknetWeights,
} from './darknetWeights.js';

export interface LoadDarknetWeightsOptions extends ReadDarknetWeightsOptions {
  /**
   * The network that the file was made for, where it differs from the model in the size of some layers (as heads for
   * other classes do): those layers stay as they are. @defaultValue the model's own, so that everything must fit
   */
  cfg?: DarknetCfg;
}

/** What became of a `.weights` file. */
export interface LoadedDarknetWeights {
  header: DarknetHeader;
  /** How many tensors were set. */
  loaded: number;
  /** Names of the tensors that stay as they were. */
  kept: string[];
}

/**
 * Sets the parameters and buffers of a network from a darknet `.weights` file.
 *
 * @throws WeightsFileError if the file does not fit the `.cfg`.
 */
export async function loadDarknetWeights(
  model: Darknet,
  path: string,
  {cfg = model.cfg, ...options}: LoadDarknetWeightsOptions = {},
): Promise<LoadedDarknetWeights> {
  const {header, tensors} = await readDarknetWeights(path, cfg, options);
  const state = model.stateDict();
  const fitting: Record<string, tf.Tensor> = {};
  try {
    for (const [name, tensor] of tensors) {
      if (!Object.hasOwn(state, name)) continue;
      const own = toModelLayout(tensor);
      if (String(own.shape) === String(state[name].shape)) fitting[name] = own;
      else own.dispose();
    }
    model.loadStateDict(fitting, {strict: false});
  } finally {
    for (const tensor of Object.values(fitting)) tensor.dispose();
  }
  const kept = Object.keys(state).filter(name => !Object.hasOwn(fitting, name));
  return {header, loaded: Object.keys(fitting).length, kept};
}

/**
 * Writes a network's parameters and buffers as a darknet `.weights` file, atomically.
 *
 * @param header - Version and counter of the file. @defaultValue version 0.2.5, no images seen
 * @throws WeightsFileError if the file cannot be written.
 */
export async function saveDarknetWeights(
  model: Darknet,
  path: string,
  header: DarknetHeader = newHeader(),
): Promise<void> {
  await writeDarknetWeights(path, model.cfg, {header, tensors: await modelTensors(model)});
}
