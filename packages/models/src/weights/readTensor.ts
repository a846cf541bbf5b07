import type {TorchTensor} from './torchPickle.js';
import type {WeightsData, WeightsTensor} from './weightsFile.js';

/** Elements in a tensor of this shape. */
export const elementCount = (shape: readonly number[]) =>
  shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);

/**
 * Whether each element lies in the storage. To be asked before memory is taken.
 *
 * @returns What is wrong, or undefined.
 */
export function boundsProblem({storage, offset, shape, strides}: TorchTensor): string | undefined {
  if (shape.includes(0)) return undefined;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], offset);
  if (last < storage.count) return undefined;
  return `[${shape}] reaches element ${last} of a storage of ${storage.count}`;
}

/** The tensor's elements, contiguous, out of its storage. Shares the storage's memory where it covers all of it. */
export function readTensor({offset, shape, strides}: TorchTensor, storage: WeightsData): WeightsTensor {
  const count = elementCount(shape);
  const from = storage.data;
  if (isContiguous(shape, strides) || count === 0) {
    const data =
      count === from.length ? from : from.slice(count === 0 ? 0 : offset, count === 0 ? 0 : offset + count);
    return {dtype: storage.dtype, data, shape: [...shape]} as WeightsTensor;
  }
  const data = new (from.constructor as Float32ArrayConstructor)(count);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    data[i] = from[at];
    // Like an odometer: the last axis turns first.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return {dtype: storage.dtype, data, shape: [...shape]} as WeightsTensor;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // The stride of an axis of length one is never used; PyTorch leaves any value there.
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
