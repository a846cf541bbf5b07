import * as tf from '@tensorflow/tfjs-core';
import {allocate, floats, wasmKernel} from '../wasmKernel.js';

/**
 * The gradient of max-pooling: each output's goes to the first largest value of its window. tfjs's own kernel starts
 * its search at the smallest positive number and so finds no maximum among negative values.
 */
export const maxPoolGrad = wasmKernel<Record<'dy' | 'input', tf.TensorInfo>, tf.MaxPoolGradAttrs>(
  tf.MaxPoolGrad,
  ({dy, input}, {filterSize, strides, pad, dimRoundingMode}, backend) => {
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const out = allocate(backend, shape);
    const [upstream, values, dx] = [dy, input, out].map(tensor => floats(backend, tensor));
    dx.fill(0);
    const channels = info.inChannels;
    const best = new Int32Array(channels);
    let o = 0;
    forEachWindow(info, (start, rows, columns) => {
      best.fill(-1);
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const pixel = start + (y * info.inWidth + x) * channels;
          for (let c = 0; c < channels; c++) {
            if (best[c] < 0 || values[pixel + c] > values[best[c]]) best[c] = pixel + c;
          }
        }
      }
      for (let c = 0; c < channels; c++, o++) if (best[c] >= 0) dx[best[c]] += upstream[o];
    });
    return out;
  },
);

/** The gradient of average-pooling. It divides by the whole window even at the border, as all tfjs engines do. */
export const avgPoolGrad = wasmKernel<Record<'dy' | 'input', tf.TensorInfo>, tf.AvgPoolGradAttrs>(
  tf.AvgPoolGrad,
  ({dy, input}, {filterSize, strides, pad}, backend) => {
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
    const out = allocate(backend, shape);
    const [upstream, dx] = [dy, out].map(tensor => floats(backend, tensor));
    dx.fill(0);
    const channels = info.inChannels;
    const weight = 1 / (info.filterHeight * info.filterWidth);
    let o = 0;
    forEachWindow(info, (start, rows, columns) => {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const pixel = start + (y * info.inWidth + x) * channels;
          for (let c = 0; c < channels; c++) dx[pixel + c] += upstream[o + c] * weight;
        }
      }
      o += channels;
    });
    return out;
  },
);

/** Visits the windows in the order of the output: where each begins in the input, and its part inside the image. */
function forEachWindow(
  info: tf.backend_util.Conv2DInfo,
  visit: (start: number, rows: number, columns: number) => void,
): void {
  const {inHeight, inWidth, filterHeight, filterWidth, padInfo, strideHeight, strideWidth} = info;
  for (let n = 0; n < info.batchSize; n++) {
    for (let oy = 0; oy < info.outHeight; oy++) {
      const from = oy * strideHeight - padInfo.top;
      const top = Math.max(0, from);
      const rows = Math.min(inHeight, from + filterHeight) - top;
      for (let ox = 0; ox < info.outWidth; ox++) {
        const first = ox * strideWidth - padInfo.left;
        const left = Math.max(0, first);
        const columns = Math.min(inWidth, first + filterWidth) - left;
        visit(((n * inHeight + top) * inWidth + left) * info.inChannels, rows, columns);
      }
    }
  }
}
