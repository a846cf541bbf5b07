import {toModelLayout, type WeightsTensor} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** The file's order of a filter's axes, `[out, in, h, w]`, in terms of ours, `[h, w, in, out]`. */
const toFile = [3, 2, 0, 1];

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
    const turned = tensor.rank === 4 ? tf.transpose(tensor, toFile) : tf.clone(tensor);
    try {
      // A copy: an engine may hand out a view of memory that the next step writes to.
      const data = (await turned.data()).slice();
      if (!data.every(Number.isFinite))
        throw new RangeError(`${name} holds values that are infinite or no numbers`);
      written.set(name, {dtype: turned.dtype, shape: turned.shape.slice(), data} as WeightsTensor);
    } finally {
      turned.dispose();
    }
  }
  return written;
}

/** Makes tensors of what {@link toFileTensors} wrote; the caller owns them. */
export function fromFileTensors(tensors: ReadonlyMap<string, WeightsTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries([...tensors].map(([name, tensor]) => [name, toModelLayout(tensor)]));
}
