import * as tf from '@tensorflow/tfjs-core';
import {copyRun, type Values} from '../copyRun.js';
import {wasmKernel} from '../wasmKernel.js';

/** Copies whole runs and then doubles what is there; the library looks up every value's index, 70 ns each. */
export const tile = (stock: tf.KernelFunc) =>
  wasmKernel<{x: tf.TensorInfo}, tf.TileAttrs>(tf.Tile, ({x}, attrs, backend) => {
    if (x.dtype === 'string') return stock({inputs: {x}, attrs: {...attrs}, backend});
    const shape = x.shape.map((size, axis) => size * attrs.reps[axis]);
    const out = backend.makeOutput(shape, x.dtype);
    if (tf.util.sizeFromShape(shape) > 0) {
      const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
      if (shape.length === 0) to[0] = from[0];
      else repeatAxis(from, to, x.shape, attrs.reps, 0, 0, 0);
    }
    return out;
  });

/** Fills one axis of `to` from `toStart` on, all axes inside it included, and returns how much that was. */
function repeatAxis(
  from: Values,
  to: Values,
  shape: number[],
  reps: number[],
  axis: number,
  fromStart: number,
  toStart: number,
): number {
  let once = shape[axis];
  if (axis === shape.length - 1) {
    copyRun(from, fromStart, to, toStart, once);
  } else {
    const inner = tf.util.sizeFromShape(shape.slice(axis + 1));
    let written = 0;
    for (let i = 0; i < shape[axis]; i++) {
      written += repeatAxis(from, to, shape, reps, axis + 1, fromStart + i * inner, toStart + written);
    }
    once = written;
  }
  const all = once * reps[axis];
  for (let done = once; done < all; ) {
    const run = Math.min(done, all - done);
    if (run > 32) to.copyWithin(toStart + done, toStart, toStart + run);
    else copyRun(to, toStart, to, toStart + done, run);
    done += run;
  }
  return all;
}
