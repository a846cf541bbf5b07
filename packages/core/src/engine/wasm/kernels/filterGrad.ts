import * as tf from '@tensorflow/tfjs-core';
import {type Geometry, matMulInto, withParts} from '../nativeCalls.js';
import {allocate, type BackendWasm, floats, startOf} from '../wasmKernel.js';
import {axisOf, type Chunk, chunksOf, layOutImages, layOutUpstream} from './filterGradLayout.js';

// Legend: images are [N, H, W, C], dy is [N, OH, OW, K], the filter [kh, kw, C, K]. A tap is one position (y, x) of
// the filter. L is the length of a chunk's grid, which holds some rows of dy with zeros around them.

/**
 * The gradient of a convolution in its filter: one matrix product a tap, `[C, L] · [L, K]`, for each chunk of images.
 *
 * The images lie channel by channel on the grid of `dy`, so that a tap only moves where its matrix begins, and all
 * taps share the packed `dy`. Zeros between the rows keep a moved row from meeting its neighbour's values. A stride
 * splits the images into phases, each on a grid of its own. Chunks are small enough for the cache.
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
  const rows = axisOf(x.shape[1], kh, dy.shape[1], strides[0], padding[0], dilations[0]);
  const columns = axisOf(x.shape[2], kw, dy.shape[2], strides[1], padding[2], dilations[1]);
  const taps = Array.from({length: kh * kw}, (_, tap) => {
    const [row, column] = [Math.floor(tap / kw), tap % kw];
    return {
      tap,
      phase: rows.phases[row] * strides[1] + columns.phases[column],
      shift: rows.shifts[row] * columns.size + columns.shifts[column],
    };
  });
  const slack = Math.max(...taps.map(({shift}) => Math.abs(shift)));
  const chunks = chunksOf(dy.shape, rows, columns.size, channels);
  const longest = Math.max(...chunks.map(({length}) => length));
  // A product of few rows leaves the matrix kernel half idle: gather taps until there are enough.
  const together = channels >= 12 ? 1 : Math.min(taps.length, Math.ceil(24 / channels));

  const upstream = allocate(backend, [longest * outputs]);
  const images = allocate(backend, [2 * slack + channels * longest]);
  const gathered = together > 1 ? allocate(backend, [together * channels * longest]) : undefined;
  const partial = allocate(backend, filterShape);
  const size = channels * outputs;

  const multiply = (chunk: Chunk, right: number, part: (start: number, size: number) => number) => {
    const {length} = chunk;
    for (const phase of new Set(taps.map(tap => tap.phase))) {
      const first = [Math.floor(phase / strides[1]), phase % strides[1]] as const;
      const [from, to] = [floats(backend, x), floats(backend, images)];
      layOutImages(from, to, slack, x.shape, chunk, {first, strides, rows, columns: columns.size});
      const mine = taps.filter(tap => tap.phase === phase);
      if (!gathered) {
        for (const {tap, shift} of mine) {
          const left = part(startOf(backend, images) + slack + shift, channels * length);
          const result = part(startOf(backend, partial) + tap * size, size);
          matMulInto(backend, result, left, right, [channels, length, outputs]);
        }
        continue;
      }
      for (let i = 0; i < mine.length; ) {
        // Neighbours in the filter, whose results lie together.
        let count = 1;
        while (count < together && mine[i + count]?.tap === mine[i].tap + count) count++;
        const stack = floats(backend, gathered);
        for (let k = 0; k < count; k++) {
          const begin = slack + mine[i + k].shift;
          stack.set(to.subarray(begin, begin + channels * length), k * channels * length);
        }
        const left = part(startOf(backend, gathered), count * channels * length);
        const result = part(startOf(backend, partial) + mine[i].tap * size, count * size);
        matMulInto(backend, result, left, right, [count * channels, length, outputs]);
        i += count;
      }
    }
  };

  chunks.forEach((chunk, index) => {
    layOutUpstream(floats(backend, dy), floats(backend, upstream), dy.shape, chunk, columns.size);
    withParts(backend, part =>
      multiply(chunk, part(startOf(backend, upstream), chunk.length * outputs), part),
    );
    const [sum, next] = [floats(backend, out), floats(backend, partial)];
    if (index === 0) sum.set(next);
    else for (let i = 0; i < sum.length; i++) sum[i] += next[i];
  });
  for (const scratch of [upstream, images, gathered, partial])
    if (scratch) backend.disposeData(scratch.dataId);
  return out;
}
