import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {dtyped, floating} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';

type T = tf.TensorInfo;

// Legend: K boxes, h and w the size of a crop.
export const cropAndResize: KernelTable = {
  [tf.CropAndResize]: kernel<tf.CropAndResizeInputs, tf.CropAndResizeAttrs>(
    ({image, boxes, boxInd}, {cropSize, method, extrapolationValue}) => {
      const [, height, width, channels] = image.shape;
      const ys = samples(boxes, 0, cropSize[0], height, 2); // [K, h, 1]
      const xs = samples(boxes, 1, cropSize[1], width, 1); // [K, 1, w]
      const pixels = run('aten::reshape', floating(image), [-1, channels]);
      const firstRows = run('aten::mul.Scalar', run('aten::reshape', boxInd, [-1, 1, 1]), height);

      const at = (y: T, x: T): T => {
        const lines = run('aten::mul.Scalar', run('aten::add.Tensor', firstRows, dtyped(y, 'int32')), width);
        const numbers = run('aten::add.Tensor', lines, dtyped(x, 'int32')); // [K, h, w]
        const found = run('aten::index_select', pixels, 0, run('aten::reshape', numbers, [-1]));
        return run('aten::reshape', found, [...numbers.shape, channels]);
      };
      const crops = method === 'nearest' ? at(rounded(ys.at), rounded(xs.at)) : bilinear(at, ys.at, xs.at);
      const inside = run('aten::unsqueeze', run('aten::logical_and', ys.inside, xs.inside), -1);
      return run('aten::where.ScalarOther', inside, crops, extrapolationValue);
    },
  ),
};

/** Where each box samples one axis, in pixels, shaped to broadcast; clamped, and whether it had been inside. */
function samples(boxes: T, axis: 0 | 1, count: number, size: number, unsqueezed: 1 | 2): {at: T; inside: T} {
  const first = run('aten::narrow', boxes, 1, axis, 1);
  const last = run('aten::narrow', boxes, 1, axis + 2, 1); // [K, 1]
  const steps =
    count > 1 ? run('aten::linspace', 0, 1, count, 'float32') : run('aten::full', [1], 0.5, 'float32');
  const way = run('aten::mul.Tensor', run('aten::sub.Tensor', last, first), steps);
  const pixel = run('aten::mul.Scalar', run('aten::add.Tensor', first, way), size - 1);
  const clamped = run('aten::clamp', pixel, 0, size - 1);
  return {
    at: run('aten::unsqueeze', clamped, unsqueezed),
    inside: run('aten::unsqueeze', run('aten::eq.Tensor', clamped, pixel), unsqueezed),
  };
}

function bilinear(at: (y: T, x: T) => T, y: T, x: T): T {
  const [top, left] = [run('aten::floor', y), run('aten::floor', x)];
  const [bottom, right] = [run('aten::ceil', y), run('aten::ceil', x)];
  const down = weight(y, top);
  const across = weight(x, left);
  const upper = run('aten::lerp.Tensor', at(top, left), at(top, right), across);
  const lower = run('aten::lerp.Tensor', at(bottom, left), at(bottom, right), across);
  return run('aten::lerp.Tensor', upper, lower, down);
}

const weight = (at: T, below: T) => run('aten::unsqueeze', run('aten::sub.Tensor', at, below), -1);

/** Halves go up, as Math.round has them. */
const rounded = (x: T) => run('aten::floor', run('aten::add.Scalar', x, 0.5));
