import type {Module} from '@foveal/core';
import {toFileLayout} from './filterLayout.js';
import type {WeightsFile} from './weightsFile.js';
import {writeSafetensors} from './writeSafetensors.js';

/**
 * Writes a model's parameters and buffers as `.safetensors` in PyTorch's layout, atomically: Python's safetensors loads
 * the file into the same network.
 *
 * @param metadata - Strings to keep beside them, such as the model's name.
 * @throws WeightsFileError if the file cannot be written; then the old one is untouched.
 */
export async function saveWeights(
  model: Module,
  path: string,
  metadata: WeightsFile['metadata'] = {},
): Promise<void> {
  await writeSafetensors(path, await modelTensors(model), metadata);
}

/** A model's parameters and buffers, read back from the engine into the layout of files. */
export async function modelTensors(model: Module): Promise<WeightsFile['tensors']> {
  const tensors: WeightsFile['tensors'] = new Map();
  for (const [name, tensor] of Object.entries(model.stateDict())) {
    tensors.set(name, await toFileLayout(tensor));
  }
  return tensors;
}
