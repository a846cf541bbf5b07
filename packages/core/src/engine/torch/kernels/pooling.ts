import * as tf from '@tensorflow/tfjs-core';
import {run, runMany} from '../run.js';
import {dtyped, floating} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';
import {type PoolAttrs, type Window, windowOf} from './poolWindow.js';

type T = tf.TensorInfo;

export const pooling: KernelTable = {
  [tf.MaxPool]: kernel<tf.MaxPoolInputs, PoolAttrs>(({x}, attrs) => maxPool(x, windowOf(x.shape, attrs))),
  [tf.MaxPool3D]: kernel<tf.MaxPool3DInputs, PoolAttrs>(({x}, attrs) => maxPool(x, windowOf(x.shape, attrs))),
  [tf.AvgPool]: kernel<tf.AvgPoolInputs, PoolAttrs>(({x}, attrs) => avgPool(x, windowOf(x.shape, attrs))),
  [tf.AvgPool3D]: kernel<tf.AvgPool3DInputs, PoolAttrs>(({x}, attrs) => avgPool(x, windowOf(x.shape, attrs))),
  [tf.MaxPoolGrad]: kernel<tf.MaxPoolGradInputs, PoolAttrs>(({dy, input}, attrs) =>
    maxPoolGrad(dy, input, windowOf(input.shape, attrs, dy.shape)),
  ),
  [tf.MaxPool3DGrad]: kernel<tf.MaxPool3DGradInputs, PoolAttrs>(({dy, input}, attrs) =>
    maxPoolGrad(dy, input, windowOf(input.shape, attrs, dy.shape)),
  ),
  [tf.AvgPoolGrad]: kernel<tf.AvgPoolGradInputs, PoolAttrs>(({dy, input}, attrs) =>
    avgPoolGrad(dy, input, windowOf(input.shape, attrs, dy.shape)),
  ),
  [tf.AvgPool3DGrad]: kernel<tf.AvgPool3DGradInputs, PoolAttrs>(({dy, input}, attrs) =>
    avgPoolGrad(dy, input, windowOf(input.shape, attrs, dy.shape)),
  ),
  [tf.MaxPoolWithArgmax]: kernel<tf.MaxPoolWithArgmaxInputs, PoolAttrs & {includeBatchInIndex: boolean}>(
    ({x}, attrs) => {
      const w = windowOf(x.shape, attrs);
      const [pooled, places] = runMany(
        maxPoolOp(w),
        surrounded(floating(x), w, -Infinity),
        ...maxPoolArgs(w),
      );
      const numbers = valueNumbers(channelsLast(places), x.shape, w, attrs.includeBatchInIndex);
      return [dtyped(channelsLast(pooled), x.dtype), numbers];
    },
  ),
};

const maxPoolOp = (w: Window) => `aten::max_pool${w.size.length}d_with_indices`;
const avgPoolOp = (w: Window) => `aten::avg_pool${w.size.length}d`;

function maxPool(x: T, w: Window): T {
  if (w.identity) return x;
  if (w.empty) return run('aten::new_empty', x, w.empty);
  const [pooled] = runMany(maxPoolOp(w), surrounded(floating(x), w, -Infinity), ...maxPoolArgs(w));
  return dtyped(channelsLast(pooled), x.dtype);
}

function maxPoolGrad(dy: T, x: T, w: Window): T {
  const input = surrounded(x, w, -Infinity);
  // The tape keeps no indices, so they are found again.
  const indices = runMany(maxPoolOp(w), input, ...maxPoolArgs(w))[1];
  return inside(
    run(`${maxPoolOp(w)}_backward`, channelsFirst(dy), input, ...maxPoolArgs(w), false, indices),
    w,
  );
}

const maxPoolArgs = ({size, strides, padding}: Window) => [size, strides, padding, size.map(() => 1)];

// tfjs averages over the pixels inside the image.
function avgPool(x: T, w: Window): T {
  if (w.identity) return x;
  if (w.empty) return run('aten::new_empty', x, w.empty);
  const {size, strides, padding} = w;
  const real = floating(x);
  if (!w.explicit) {
    const pooled = run(avgPoolOp(w), channelsFirst(real), size, strides, padding, false, false);
    return dtyped(channelsLast(pooled), x.dtype);
  }
  const sum = (image: T) => run(avgPoolOp(w), surrounded(image, w, 0), size, strides, 0, false, true, 1);
  const ones = run('aten::new_ones', real, [1, ...x.shape.slice(1, -1), 1]);
  // A window all outside sums to zero: over one, it averages to zero too.
  const counts = run('aten::clamp_min', sum(ones), 1);
  return dtyped(channelsLast(run('aten::div.Tensor', sum(real), counts)), x.dtype);
}

// And yet tfjs's gradient divides by the whole window.
function avgPoolGrad(dy: T, x: T, w: Window): T {
  const {size, strides, padding} = w;
  const count = size.reduce((product, taps) => product * taps);
  const input = surrounded(x, w, 0);
  return inside(
    run(`${avgPoolOp(w)}_backward`, channelsFirst(dy), input, size, strides, padding, false, true, count),
    w,
  );
}

/** From torch's places in a padded plane to tfjs's numbers of values in the image, or in the batch of images. */
function valueNumbers(places: T, [batch, height, width, channels]: number[], w: Window, inBatch: boolean): T {
  const [, , left, right, top] = w.explicit ?? [0, 0, 0, 0, 0];
  const padded = width + left + right;
  const row = run('aten::sub.Scalar', run('aten::div.Scalar_mode', places, padded, 'floor'), top);
  const column = run('aten::sub.Scalar', run('aten::remainder.Scalar', places, padded), left);
  const pixels = run('aten::add.Tensor', run('aten::mul.Scalar', row, width), column);
  const values = run('aten::mul.Scalar', pixels, channels);
  const numbers = run('aten::add.Tensor', values, run('aten::arange', channels, 'int32'));
  if (!inBatch) return numbers;
  const size = height * width * channels;
  const starts = run('aten::arange.start_step', 0, batch * size, size, 'int32');
  return run('aten::add.Tensor', numbers, run('aten::reshape', starts, [-1, 1, 1, 1]));
}

/** Channels first, with explicit padding where torch's own does not serve. */
function surrounded(x: T, {explicit}: Window, value: number): T {
  return channelsFirst(explicit ? run('aten::constant_pad_nd', x, explicit, value) : x);
}

/** Channels last, without the padding. */
function inside(dx: T, {explicit, inputSize}: Window): T {
  const gradient = channelsLast(dx);
  if (!explicit) return gradient;
  return inputSize.reduce((part, length, i) => {
    const before = explicit[2 * (inputSize.length - i)];
    return run('aten::narrow', part, i + 1, before, length);
  }, gradient);
}

// For torch both are NHWC in memory: channels_last.
const channelsFirst = (x: T) => run('aten::movedim.int', x, -1, 1);
const channelsLast = (x: T) => run('aten::movedim.int', x, 1, -1);
