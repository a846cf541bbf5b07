import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

type T = tf.TensorInfo;
type X = Record<'x', T>;

export const padding: KernelTable = {
  [tf.PadV2]: kernel<X, tf.PadV2Attrs>(({x}, {paddings, constantValue}) =>
    run('aten::constant_pad_nd', x, [...paddings].reverse().flat(), constantValue),
  ),
  [tf.MirrorPad]: kernel<X, tf.MirrorPadAttrs>(({x}, {paddings, mode}) =>
    paddings.reduce(
      (part, [before, after], axis) => mirrored(part, axis, before, after, mode === 'reflect' ? 1 : 0),
      x,
    ),
  ),
};

/** `skip` 1 leaves the edge itself out. */
function mirrored(x: T, axis: number, before: number, after: number, skip: number): T {
  const size = x.shape[axis];
  const flipped = (from: number, length: number) =>
    run('aten::flip', run('aten::narrow', x, axis, from, length), [axis]);
  const parts = [x];
  if (before > 0) parts.unshift(flipped(skip, before));
  if (after > 0) parts.push(flipped(size - after - skip, after));
  return parts.length > 1 ? run('aten::cat', parts, axis) : x;
}
