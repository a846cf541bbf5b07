import * as tf from '@tensorflow/tfjs-core';
import {run, upload} from '../run.js';
import {nativeDtype} from '../table.js';
import {floating} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';
import {bilinearTaps, nearestRows, type ResizeAttrs} from './resizeTaps.js';

type T = tf.TensorInfo;

export const image: KernelTable = {
  [tf.ResizeBilinear]: kernel<tf.ResizeBilinearInputs, ResizeAttrs>(({images}, attrs) => {
    const {alignCorners, size} = attrs;
    const x = floating(images);
    if (torchResizes(attrs))
      return channelsLast(run('aten::upsample_bilinear2d', channelsFirst(x), size, alignCorners));
    return [1, 2].reduce((part, axis) => stretched(part, axis, attrs), x);
  }),
  [tf.ResizeBilinearGrad]: kernel<tf.ResizeBilinearGradInputs, ResizeAttrs>(({images, dy}, attrs) => {
    const {alignCorners, size} = attrs;
    const [n, height, width, channels] = images.shape;
    if (torchResizes(attrs)) {
      const shape = [n, channels, height, width];
      return channelsLast(
        run('aten::upsample_bilinear2d_backward', channelsFirst(dy), size, shape, alignCorners),
      );
    }
    return [2, 1].reduce((part, axis) => shrunk(part, axis, images.shape[axis], attrs), dy);
  }),
  [tf.ResizeNearestNeighbor]: kernel<tf.ResizeNearestNeighborInputs, ResizeAttrs>(({images}, attrs) => {
    if (repeats(images, attrs))
      return channelsLast(run('aten::upsample_nearest2d', channelsFirst(images), attrs.size));
    return [1, 2].reduce((part, axis) => {
      const rows = nearestRows(images.shape[axis], attrs.size[axis - 1], attrs);
      return run('aten::index_select', part, axis, indices(rows));
    }, images);
  }),
  [tf.ResizeNearestNeighborGrad]: kernel<tf.ResizeNearestNeighborGradInputs, ResizeAttrs>(
    ({images, dy}, attrs) => {
      const [n, height, width, channels] = images.shape;
      if (repeats(images, attrs)) {
        const shape = [n, channels, height, width];
        return channelsLast(run('aten::upsample_nearest2d_backward', channelsFirst(dy), attrs.size, shape));
      }
      return [2, 1].reduce((part, axis) => {
        const rows = nearestRows(images.shape[axis], dy.shape[axis], attrs);
        return gathered(part, axis, images.shape[axis], indices(rows));
      }, dy);
    },
  ),
};

/** Every pixel is repeated alike. Else torch's float32 may round to another row than tfjs does. */
const repeats = ({shape, dtype}: T, {alignCorners, size: [height, width]}: ResizeAttrs) =>
  dtype === 'float32' && !alignCorners && height % shape[1] === 0 && width % shape[2] === 0;

// Torch samples at pixel centres or with aligned corners; tfjs's default is neither.
const torchResizes = ({alignCorners, halfPixelCenters}: ResizeAttrs) => alignCorners || halfPixelCenters;

/** Interpolates along one axis between the two nearest rows. */
function stretched(x: T, axis: number, attrs: ResizeAttrs): T {
  const {low, high, weight} = bilinearTaps(x.shape[axis], attrs.size[axis - 1], attrs);
  const from = run('aten::index_select', x, axis, indices(low));
  return run(
    'aten::lerp.Tensor',
    from,
    run('aten::index_select', x, axis, indices(high)),
    along(weight, axis),
  );
}

/** The gradient of {@link stretched}: each row gives to the two that it came from. */
function shrunk(dy: T, axis: number, length: number, attrs: ResizeAttrs): T {
  const {low, high, weight} = bilinearTaps(length, dy.shape[axis], attrs);
  const upper = run('aten::mul.Tensor', dy, along(weight, axis));
  const dx = gathered(run('aten::sub.Tensor', dy, upper), axis, length, indices(low));
  return run('aten::index_add_', dx, axis, indices(high), upper);
}

function gathered(dy: T, axis: number, length: number, rows: T): T {
  const zeros = run('aten::new_zeros', dy, dy.shape.with(axis, length));
  return run('aten::index_add_', zeros, axis, rows, dy);
}

const indices = (rows: Int32Array) => upload(rows, [rows.length], nativeDtype.int32);

/** One weight for each row, shaped to broadcast along `axis` of an NHWC image. */
const along = (weights: Float32Array, axis: number) =>
  upload(weights, axis === 1 ? [weights.length, 1, 1] : [weights.length, 1], nativeDtype.float32);

// For torch both are NHWC in memory: channels_last.
const channelsFirst = (x: T) => run('aten::permute', x, [0, 3, 1, 2]);
const channelsLast = (x: T) => run('aten::permute', x, [0, 2, 3, 1]);
