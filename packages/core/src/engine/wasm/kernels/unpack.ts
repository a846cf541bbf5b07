import * as tf from '@tensorflow/tfjs-core';
import {copyRun} from '../copyRun.js';
import {wasmKernel} from '../wasmKernel.js';

/** Copies whole runs into each part. */
export const unpack = (stock: tf.KernelFunc) =>
  wasmKernel<{value: tf.TensorInfo}, tf.UnpackAttrs>(tf.Unpack, ({value}, attrs, backend) => {
    if (value.dtype === 'string') return stock({inputs: {value}, attrs: {...attrs}, backend});
    const axis = tf.util.parseAxisParam(attrs.axis, value.shape)[0];
    const count = value.shape[axis];
    const shape = value.shape.filter((_, i) => i !== axis);
    const outer = tf.util.sizeFromShape(value.shape.slice(0, axis));
    const inner = tf.util.sizeFromShape(value.shape.slice(axis + 1));
    const parts = Array.from({length: count}, () => backend.makeOutput(shape, value.dtype));
    const from = backend.typedArrayFromHeap(value);
    parts.forEach((part, i) => {
      const to = backend.typedArrayFromHeap(part);
      for (let o = 0; o < outer; o++) copyRun(from, (o * count + i) * inner, to, o * inner, inner);
    });
    return parts;
  });
