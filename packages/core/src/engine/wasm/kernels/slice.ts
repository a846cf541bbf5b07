import * as tf from '@tensorflow/tfjs-core';
import {copyRun, type Values} from '../copyRun.js';
import {wasmKernel} from '../wasmKernel.js';

/** Copies run by run; the library's kernel makes a view of each run, however short. */
export const slice = (stock: tf.KernelFunc) =>
  wasmKernel<{x: tf.TensorInfo}, tf.SliceAttrs>(tf.Slice, ({x}, attrs, backend) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size);
    const wide = tf.slice_util.isSliceContinous(x.shape, begin, size);
    // The library copies what lies together in one go, and knows strings.
    if (wide || x.dtype === 'string') return stock({inputs: {x}, attrs: {...attrs}, backend});
    tf.slice_util.assertParamsValid(x as tf.Tensor, begin, size);
    const out = backend.makeOutput(size, x.dtype);
    const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
    copyBlock(from, to, x.shape, begin, size, 0, 0, 0);
    return out;
  });

/** Copies one axis of a block and all axes inside it; returns where the next one goes. */
function copyBlock(
  from: Values,
  to: Values,
  shape: number[],
  begin: number[],
  size: number[],
  axis: number,
  fromStart: number,
  toStart: number,
): number {
  if (axis === shape.length - 1) {
    copyRun(from, fromStart + begin[axis], to, toStart, size[axis]);
    return toStart + size[axis];
  }
  let inner = 1;
  for (let i = axis + 1; i < shape.length; i++) inner *= shape[i];
  for (let i = 0; i < size[axis]; i++) {
    const start = fromStart + (begin[axis] + i) * inner;
    toStart = copyBlock(from, to, shape, begin, size, axis + 1, start, toStart);
  }
  return toStart;
}

/** Copies run by run, likewise. */
export const concat = (stock: tf.KernelFunc) =>
  wasmKernel<tf.TensorInfo[], tf.ConcatAttrs>(tf.Concat, (inputs, attrs, backend) => {
    const axis = tf.util.parseAxisParam(attrs.axis, inputs[0].shape)[0];
    const parts = inputs.filter(({shape}) => tf.util.sizeFromShape(shape) > 0);
    const outer = tf.util.sizeFromShape(inputs[0].shape.slice(0, axis));
    if (parts.length < 2 || outer === 1 || inputs.some(({dtype}) => dtype === 'string')) {
      return stock({inputs: inputs as unknown as tf.NamedTensorInfoMap, attrs: {...attrs}, backend});
    }
    const shapes = parts.map(({shape}) => shape);
    tf.backend_util.assertParamsConsistent(shapes, axis);
    const out = backend.makeOutput(tf.backend_util.computeOutShape(shapes, axis), parts[0].dtype);
    const to = backend.typedArrayFromHeap(out);
    const runs = shapes.map(shape => tf.util.sizeFromShape(shape.slice(axis)));
    const row = runs.reduce((sum, run) => sum + run, 0);
    let offset = 0;
    parts.forEach((part, i) => {
      const from = backend.typedArrayFromHeap(part);
      for (let o = 0; o < outer; o++) copyRun(from, o * runs[i], to, o * row + offset, runs[i]);
      offset += runs[i];
    });
    return out;
  });
