import * as tf from '@tensorflow/tfjs-core';
import {Resize2d, type Resize2dAttrs, Resize2dGrad, type Resize2dGradAttrs} from '../../ops/resize2d.js';
import {portableKernel} from './portableKernel.js';

/** The two pixels that one pixel of the output is mixed from, and the share of the second. */
type Taps = {low: Int32Array; high: Int32Array; share: Float32Array};

export const resize2d = portableKernel<{x: tf.Tensor4D}, Resize2dAttrs>(Resize2d, ({x}, attrs) => {
  const [batch, height, width, channels] = x.shape;
  const shape: [number, number, number, number] = [batch, ...attrs.size, channels];
  const [from, to] = [x.dataSync(), new Float32Array(tf.util.sizeFromShape(shape))];
  let at = 0;
  forEachTap([batch, height, width], attrs, (pixels, weights) => {
    const [a, b, c, d] = pixels.map(pixel => pixel * channels);
    for (let i = 0; i < channels; i++) {
      to[at + i] =
        weights[0] * from[a + i] +
        weights[1] * from[b + i] +
        weights[2] * from[c + i] +
        weights[3] * from[d + i];
    }
    at += channels;
  });
  return tf.tensor4d(to, shape);
});

export const resize2dGrad = portableKernel<{dy: tf.Tensor4D}, Resize2dGradAttrs>(
  Resize2dGrad,
  ({dy}, {shape, ...attrs}) => {
    const [batch, height, width, channels] = shape;
    const [from, to] = [dy.dataSync(), new Float32Array(tf.util.sizeFromShape(shape))];
    let at = 0;
    forEachTap([batch, height, width], attrs, (pixels, weights) => {
      pixels.forEach((pixel, tap) => {
        for (let i = 0; i < channels; i++) to[pixel * channels + i] += weights[tap] * from[at + i];
      });
      at += channels;
    });
    return tf.tensor4d(to, shape);
  },
);

/** Calls `visit` for each pixel of the output, row by row, with the pixels it is mixed from, over all images. */
function forEachTap(
  [batch, height, width]: [number, number, number],
  {size, method, alignCorners}: Resize2dAttrs,
  visit: (pixels: number[], weights: number[]) => void,
): void {
  const taps = method === 'nearest' ? nearestTaps : alignCorners ? cornerTaps : centreTaps;
  const [down, across] = [taps(height, size[0]), taps(width, size[1])];
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < size[0]; row++) {
      const upper = (image * height + down.low[row]) * width;
      const lower = (image * height + down.high[row]) * width;
      const y = down.share[row];
      for (let column = 0; column < size[1]; column++) {
        const [left, right, x] = [across.low[column], across.high[column], across.share[column]];
        visit(
          [upper + left, upper + right, lower + left, lower + right],
          [(1 - y) * (1 - x), (1 - y) * x, y * (1 - x), y * x],
        );
      }
    }
  }
}

const centreTaps = (from: number, to: number) =>
  tapsAt(from, to, pixel => Math.max(0, (from / to) * (pixel + 0.5) - 0.5));

const cornerTaps = (from: number, to: number) =>
  tapsAt(from, to, pixel => (to > 1 ? (from - 1) / (to - 1) : 0) * pixel);

// In float32, as PyTorch: rounding decides which pixel is nearest.
const nearestTaps = (from: number, to: number) =>
  tapsAt(from, to, pixel => Math.floor(Math.fround(pixel * Math.fround(from / to))));

function tapsAt(from: number, to: number, source: (pixel: number) => number): Taps {
  const taps: Taps = {low: new Int32Array(to), high: new Int32Array(to), share: new Float32Array(to)};
  for (let pixel = 0; pixel < to; pixel++) {
    const at = source(pixel);
    taps.low[pixel] = Math.min(Math.floor(at), from - 1);
    taps.high[pixel] = Math.min(taps.low[pixel] + 1, from - 1);
    taps.share[pixel] = Math.max(0, Math.min(at - taps.low[pixel], 1));
  }
  return taps;
}
