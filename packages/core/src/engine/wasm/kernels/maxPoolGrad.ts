import * as tf from '@tensorflow/tfjs-core';
import {allocate, floats, wasmKernel} from '../wasmKernel.js';

/**
 * Sends each gradient to the first place of its window that holds the maximum. Replaces tfjs's kernel, which starts
 * its search at the smallest positive number and so finds no maximum among negative values.
 */
export const maxPoolGrad = wasmKernel<Record<'dy' | 'input', tf.TensorInfo>, tf.MaxPoolGradAttrs>(
  tf.MaxPoolGrad,
  ({dy, input}, {filterSize, strides, pad, dimRoundingMode}, backend) => {
    const shape = input.shape as [number, number, number, number];
    const {outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo} =
      tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const [images, height, width, channels] = shape;
    const dx = allocate(backend, shape);
    const [x, upstream, out] = [floats(backend, input), floats(backend, dy), floats(backend, dx)];
    out.fill(0);
    const best = new Float32Array(channels);
    const where = new Int32Array(channels);
    let from = 0;
    for (let n = 0; n < images; n++) {
      for (let row = -padInfo.top; row < outHeight * strideHeight - padInfo.top; row += strideHeight) {
        for (
          let column = -padInfo.left;
          column < outWidth * strideWidth - padInfo.left;
          column += strideWidth
        ) {
          best.fill(-Infinity);
          where.fill(-1);
          for (let y = Math.max(row, 0); y < Math.min(row + filterHeight, height); y++) {
            for (let z = Math.max(column, 0); z < Math.min(column + filterWidth, width); z++) {
              const at = ((n * height + y) * width + z) * channels;
              for (let c = 0; c < channels; c++) {
                const value = x[at + c];
                // The second half is for windows of nothing but NaN or −∞.
                if (value > best[c] || where[c] < 0) {
                  best[c] = value;
                  where[c] = at + c;
                }
              }
            }
          }
          for (let c = 0; c < channels; c++) out[where[c]] += upstream[from++];
        }
      }
    }
    return dx;
  },
);
