import * as tf from '@tensorflow/tfjs-core';
import {outputSize} from '../../../ops/conv2d.js';
import {convolveInto, type Geometry, matMulInto, withParts} from '../nativeCalls.js';
import {transpose2d} from '../transpose2d.js';
import {allocate, type BackendWasm, floats, startOf} from '../wasmKernel.js';

/**
 * The gradient of a convolution in its input.
 *
 * Without strides it is a convolution of `dy` with the filter turned by 180° and its channels exchanged. With
 * strides, that would multiply mostly zeros, so it is one matrix product, `[NOHOW, K] · [K, kh·kw·C]`, whose rows
 * are added up where the windows overlap.
 *
 * @param dy - `[N, OH, OW, K]` float32.
 * @param filter - `[kh, kw, C, K]` float32.
 * @returns `[N, H, W, C]` float32.
 */
export function inputGrad(
  backend: BackendWasm,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  inputShape: readonly number[],
  geometry: Geometry,
): tf.TensorInfo {
  const out = allocate(backend, inputShape);
  if (tf.util.sizeFromShape(dy.shape) === 0) {
    floats(backend, out).fill(0);
    return out;
  }
  const margins = marginsOf(dy, filter, inputShape, geometry);
  if (margins) byConvolution(backend, out, dy, filter, {...geometry, padding: margins});
  else byMatrixProduct(backend, out, dy, filter, geometry);
  return out;
}

/** The padding of the reverse convolution; undefined where it has none that XNNPACK takes. */
function marginsOf(
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  inputShape: readonly number[],
  {strides, padding, dilations}: Geometry,
): [number, number, number, number] | undefined {
  if (strides[0] !== 1 || strides[1] !== 1) return undefined;
  const [below, beside] = [0, 1].map(axis => (filter.shape[axis] - 1) * dilations[axis]);
  const top = below - padding[0];
  const left = beside - padding[2];
  const bottom = inputShape[1] + below - top - dy.shape[1];
  const right = inputShape[2] + beside - left - dy.shape[2];
  return Math.min(top, bottom, left, right) < 0 ? undefined : [top, bottom, left, right];
}

function byConvolution(
  backend: BackendWasm,
  out: tf.TensorInfo,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: Geometry,
) {
  const [kh, kw, channels, outputs] = filter.shape;
  const turned = allocate(backend, [kh, kw, outputs, channels]);
  const [from, to] = [floats(backend, filter), floats(backend, turned)];
  const size = channels * outputs;
  for (let tap = 0; tap < kh * kw; tap++) {
    transpose2d(from, tap * size, to, (kh * kw - 1 - tap) * size, channels, outputs);
  }
  convolveInto(backend, out, dy, turned, undefined, geometry);
  backend.disposeData(turned.dataId);
}

function byMatrixProduct(
  backend: BackendWasm,
  out: tf.TensorInfo,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: Geometry,
) {
  const [kh, kw, channels, outputs] = filter.shape;
  const window = kh * kw * channels;
  const [batch, outHeight, outWidth] = dy.shape;
  const turned = allocate(backend, [outputs, window]);
  transpose2d(floats(backend, filter), 0, floats(backend, turned), 0, window, outputs);
  // One image at a time: its windows still lie in the cache when they are added up.
  const windows = allocate(backend, [outHeight * outWidth, window]);
  floats(backend, out).fill(0);
  withParts(backend, part => {
    const right = part(startOf(backend, turned), outputs * window);
    const products = part(startOf(backend, windows), outHeight * outWidth * window);
    const size = outHeight * outWidth * outputs;
    for (let n = 0; n < batch; n++) {
      const left = part(startOf(backend, dy) + n * size, size);
      matMulInto(backend, products, left, right, [outHeight * outWidth, outputs, window]);
      addWindows(
        floats(backend, windows),
        floats(backend, out),
        n,
        dy.shape,
        filter.shape,
        out.shape,
        geometry,
      );
    }
  });
  backend.disposeData(turned.dataId);
  backend.disposeData(windows.dataId);
}

function addWindows(
  windows: Float32Array,
  to: Float32Array,
  n: number,
  [, outHeight, outWidth]: number[],
  [kh, kw, channels]: number[],
  [, height, width]: number[],
  {strides, padding, dilations}: Geometry,
) {
  // tf.conv2dTranspose lets the caller name an image that is too small for dy: the rest of dy counts for nothing.
  const rows = outputSize(height, kh, padding[0] + padding[1], strides[0], dilations[0]);
  const columns = outputSize(width, kw, padding[2] + padding[3], strides[1], dilations[1]);
  for (let oy = 0; oy < Math.min(outHeight, rows); oy++) {
    let from = oy * outWidth * kh * kw * channels;
    for (let ox = 0; ox < Math.min(outWidth, columns); ox++) {
      for (let ky = 0; ky < kh; ky++) {
        const y = oy * strides[0] - padding[0] + ky * dilations[0];
        for (let kx = 0; kx < kw; kx++, from += channels) {
          const x = ox * strides[1] - padding[2] + kx * dilations[1];
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          const start = ((n * height + y) * width + x) * channels;
          for (let c = 0; c < channels; c++) to[start + c] += windows[from + c];
        }
      }
    }
  }
}
