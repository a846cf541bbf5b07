import * as tf from '@tensorflow/tfjs-core';
import type {Values} from '../copyRun.js';
import {wasmKernel} from '../wasmKernel.js';

/** Steps through the memory; the library looks up every value's index, 120 ns each. */
export const stridedSlice = (stock: tf.KernelFunc) =>
  wasmKernel<{x: tf.TensorInfo}, tf.StridedSliceAttrs>(tf.StridedSlice, ({x}, attrs, backend) => {
    const {begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask} = attrs;
    // prettier-ignore
    const info = tf.slice_util.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    // Reshapes and plain slices are no slower in the library.
    if (x.dtype === 'string' || info.isIdentity || info.sliceDim0 || info.isSimpleSlice) {
      return stock({inputs: {x}, attrs: {...attrs}, backend});
    }
    const shape = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
    const out = backend.makeOutput(info.finalShape, x.dtype);
    const steps = walk(x.shape, info.begin, info.strides, shape);
    copySteps(backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out), steps);
    return out;
  });

/** Copies backwards along the axes asked for. */
export const reverse = (stock: tf.KernelFunc) =>
  wasmKernel<{x: tf.TensorInfo}, tf.ReverseAttrs>(tf.Reverse, ({x}, attrs, backend) => {
    if (x.dtype === 'string' || x.shape.length === 0) return stock({inputs: {x}, attrs: {...attrs}, backend});
    const axes = tf.util.parseAxisParam(attrs.dims, x.shape);
    const out = backend.makeOutput(x.shape, x.dtype);
    const begin = x.shape.map((size, axis) => (axes.includes(axis) ? size - 1 : 0));
    const strides = x.shape.map((_, axis) => (axes.includes(axis) ? -1 : 1));
    const steps = walk(x.shape, begin, strides, x.shape);
    copySteps(backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out), steps);
    return out;
  });

interface Steps {
  start: number;
  /** How many values along each axis, and how far apart in the source. */
  counts: number[];
  steps: number[];
}

function walk(shape: number[], begin: number[], strides: number[], counts: number[]): Steps {
  const pitch = [...tf.util.computeStrides(shape), 1];
  const steps = strides.map((stride, axis) => stride * pitch[axis]);
  return {start: begin.reduce((sum, first, axis) => sum + first * pitch[axis], 0), counts, steps};
}

function copySteps(from: Values, to: Values, {start, counts, steps}: Steps): void {
  const last = counts.length - 1;
  let written = 0;
  const visit = (axis: number, position: number) => {
    const step = steps[axis];
    for (let i = 0; i < counts[axis]; i++, position += step) {
      if (axis === last) to[written++] = from[position];
      else visit(axis + 1, position);
    }
  };
  visit(0, start);
}
