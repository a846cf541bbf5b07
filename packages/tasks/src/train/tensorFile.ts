import {toFileLayout, toModelLayout, type WeightsTensor} from '@foveal/models';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Copies tensors to where they can be written. Filters are turned to PyTorch's layout, as `loadWeights` expects.
 *
 * @throws RangeError that names the tensor if a value is infinite or no number.
 */
export async function toFileTensors(
  tensors: Readonly<Record<string, tf.Tensor>>,
): Promise<Map<string, WeightsTensor>> {
  const written = new Map<string, WeightsTensor>();
  for (const [name, tensor] of Object.entries(tensors)) {
    const copy = await toFileLayout(tensor);
    if (!copy.data.every(Number.isFinite))
      throw new RangeError(`${name} holds values that are infinite or no numbers`);
    written.set(name, copy);
  }
  return written;
}

/** Makes tensors of what {@link toFileTensors} wrote; the caller owns them. */
export function fromFileTensors(tensors: ReadonlyMap<string, WeightsTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries([...tensors].map(([name, tensor]) => [name, toModelLayout(tensor)]));
}
