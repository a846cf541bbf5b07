import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';
import {reshape} from './reshape.js';

type X = Record<'x', tf.TensorInfo>;

/** Blocks of pixels to batches or channels, and back: reshapes and permutations. */
export const blocks: KernelTable = {
  [tf.SpaceToBatchND]: kernel<tf.SpaceToBatchNDInputs, tf.SpaceToBatchNDAttrs>(
    ({x}, {blockShape, paddings}) => {
      const product = tf.util.sizeFromShape(blockShape);
      const sides = [[0, 0], ...paddings, ...x.shape.slice(1 + blockShape.length).map(() => [0, 0])];
      const padded = run('aten::constant_pad_nd', x, [...sides].reverse().flat());
      const {getReshaped, getPermuted, getReshapedPermuted} = tf.backend_util;
      const split = getReshaped(padded.shape, blockShape, product, false);
      const order = getPermuted(split.length, blockShape.length, false);
      const shape = getReshapedPermuted(padded.shape, blockShape, product, false);
      return reshape(run('aten::permute', reshape(padded, split), order), shape);
    },
  ),
  [tf.BatchToSpaceND]: kernel<tf.BatchToSpaceNDInputs, tf.BatchToSpaceNDAttrs>(({x}, {blockShape, crops}) => {
    const product = tf.util.sizeFromShape(blockShape);
    const {getReshaped, getPermuted, getReshapedPermuted, getSliceBeginCoords, getSliceSize} =
      tf.backend_util;
    const split = getReshaped(x.shape, blockShape, product);
    const order = getPermuted(split.length, blockShape.length);
    const shape = getReshapedPermuted(x.shape, blockShape, product);
    const begins = getSliceBeginCoords(crops, blockShape.length);
    const sizes = getSliceSize(shape, crops, blockShape.length);
    return begins.reduce(
      (part, from, axis) => run('aten::narrow', part, axis, from, sizes[axis]),
      reshape(run('aten::permute', reshape(x, split), order), shape),
    );
  }),
  [tf.DepthToSpace]: kernel<X, tf.DepthToSpaceAttrs>(({x}, {blockSize: b, dataFormat}) => {
    const image = dataFormat === 'NCHW' ? run('aten::permute', x, [0, 2, 3, 1]) : x;
    const [n, height, width, channels] = image.shape;
    const split = reshape(image, [n, height, width, b, b, channels / (b * b)]);
    const spread = run('aten::permute', split, [0, 1, 3, 2, 4, 5]);
    const y = reshape(spread, [n, height * b, width * b, channels / (b * b)]);
    return dataFormat === 'NCHW' ? run('aten::permute', y, [0, 3, 1, 2]) : y;
  }),
};
