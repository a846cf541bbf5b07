import * as tf from '@tensorflow/tfjs-core';
import {type Geometry, matMulInto, withParts} from '../nativeCalls.js';
import {transpose2d} from '../transpose2d.js';
import {allocate, type BackendWasm, floats, startOf} from '../wasmKernel.js';

// Legend: images are [N, H, W, C], dy is [N, OH, OW, K], the filter [kh, kw, C, K]. P × Q is a grid larger than
// OH × OW, with zeros around dy. A tap is one position (y, x) of the filter.

/** One axis: for each tap which phase of the stride it reads, and how many grid steps away. */
interface Axis {
  phases: number[];
  shifts: number[];
  /** Grid size along this axis. */
  size: number;
}

/**
 * The gradient of a convolution in its filter: one matrix product a tap, `[C, NPQ] · [NPQ, K]`.
 *
 * The images lie channel by channel on the grid of `dy`, so that a tap only moves where its matrix begins and
 * all taps share the packed `dy`. Zeros between the rows keep a moved row from meeting its neighbour's values. A
 * stride splits the images into phases, each on a grid of its own.
 *
 * @param x - `[N, H, W, C]` float32.
 * @param dy - `[N, OH, OW, K]` float32.
 * @returns `[kh, kw, C, K]` float32.
 */
export function filterGrad(
  backend: BackendWasm,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  filterShape: readonly number[],
  {strides, padding, dilations}: Geometry,
): tf.TensorInfo {
  const [kh, kw, channels, outputs] = filterShape;
  const out = allocate(backend, filterShape);
  if (tf.util.sizeFromShape(dy.shape) === 0) {
    floats(backend, out).fill(0);
    return out;
  }
  const rows = axis(x.shape[1], kh, dy.shape[1], strides[0], padding[0], dilations[0]);
  const columns = axis(x.shape[2], kw, dy.shape[2], strides[1], padding[2], dilations[1]);
  const plane = x.shape[0] * rows.size * columns.size;
  const shift = (tap: number) => rows.shifts[Math.floor(tap / kw)] * columns.size + columns.shifts[tap % kw];
  const phase = (tap: number) => rows.phases[Math.floor(tap / kw)] * strides[1] + columns.phases[tap % kw];
  const taps = Array.from({length: kh * kw}, (_, tap) => tap);
  const slack = Math.max(...taps.map(tap => Math.abs(shift(tap))));
  // A product of few rows leaves the matrix kernel half idle: gather taps until there are enough.
  const together = channels >= 12 ? 1 : Math.min(taps.length, Math.ceil(24 / channels));

  const upstream = allocate(backend, [plane, outputs]);
  const images = allocate(backend, [2 * slack + channels * plane]);
  const gathered = together > 1 ? allocate(backend, [together * channels, plane]) : undefined;
  spreadUpstream(floats(backend, dy), floats(backend, upstream), dy.shape, rows.size, columns.size);

  for (const current of new Set(taps.map(phase))) {
    const first = [Math.floor(current / strides[1]), current % strides[1]];
    layOut(backend, x, images, slack, {first, strides, grid: [rows.size, columns.size]});
    const mine = taps.filter(tap => phase(tap) === current);
    withParts(backend, part => {
      const right = part(startOf(backend, upstream), plane * outputs);
      const source = startOf(backend, images) + slack;
      if (!gathered) {
        for (const tap of mine) {
          const left = part(source + shift(tap), channels * plane);
          const to = part(startOf(backend, out) + tap * channels * outputs, channels * outputs);
          matMulInto(backend, to, left, right, [channels, plane, outputs]);
        }
        return;
      }
      const result = allocate(backend, [together * channels, outputs]);
      for (let i = 0; i < mine.length; i += together) {
        const group = mine.slice(i, i + together);
        const [from, to] = [floats(backend, images), floats(backend, gathered)];
        group.forEach((tap, place) => {
          const begin = slack + shift(tap);
          to.set(from.subarray(begin, begin + channels * plane), place * channels * plane);
        });
        const m = group.length * channels;
        const left = part(startOf(backend, gathered), m * plane);
        matMulInto(backend, part(startOf(backend, result), m * outputs), left, right, [m, plane, outputs]);
        const [products, target] = [floats(backend, result), floats(backend, out)];
        const size = channels * outputs;
        group.forEach((tap, place) => {
          target.set(products.subarray(place * size, (place + 1) * size), tap * size);
        });
      }
      backend.disposeData(result.dataId);
    });
  }
  for (const scratch of [upstream, images, gathered]) if (scratch) backend.disposeData(scratch.dataId);
  return out;
}

function axis(
  size: number,
  kernel: number,
  outSize: number,
  stride: number,
  before: number,
  dilation: number,
): Axis {
  const positions = Array.from({length: kernel}, (_, tap) => tap * dilation - before);
  const phases = positions.map(position => ((position % stride) + stride) % stride);
  const shifts = positions.map((position, tap) => (position - phases[tap]) / stride);
  const real = Math.ceil(size / stride); // pixels in the longest phase
  return {
    phases,
    shifts,
    size: Math.max(real, outSize, outSize + Math.max(...shifts), real - Math.min(...shifts)),
  };
}

/** dy onto the larger grid, zeros elsewhere. */
function spreadUpstream(
  dy: Float32Array,
  grid: Float32Array,
  shape: number[],
  rows: number,
  columns: number,
) {
  const [batch, height, width, channels] = shape;
  const line = width * channels;
  grid.fill(0);
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < height; y++) {
      const from = (n * height + y) * line;
      grid.set(dy.subarray(from, from + line), (n * rows + y) * columns * channels);
    }
  }
}

/** One phase of the images onto the grid, channel by channel: `[C, N, P, Q]`, zeros where no pixel is. */
function layOut(
  backend: BackendWasm,
  x: tf.TensorInfo,
  images: tf.TensorInfo,
  slack: number,
  {first, strides, grid}: {first: number[]; strides: readonly [number, number]; grid: [number, number]},
) {
  const [batch, height, width, channels] = x.shape;
  const [from, to] = [floats(backend, x), floats(backend, images)];
  const plane = batch * grid[0] * grid[1];
  to.fill(0);
  for (let n = 0; n < batch; n++) {
    for (let y = first[0], row = 0; y < height; y += strides[0], row++) {
      const source = (n * height + y) * width * channels;
      const target = slack + (n * grid[0] + row) * grid[1];
      if (strides[1] === 1) {
        transpose2d(from, source, to, target, width, channels, plane);
      } else {
        for (let pixel = first[1], column = 0; pixel < width; pixel += strides[1], column++) {
          for (let c = 0; c < channels; c++) {
            to[target + c * plane + column] = from[source + pixel * channels + c];
          }
        }
      }
    }
  }
}
