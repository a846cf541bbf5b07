import type * as tf from '@tensorflow/tfjs-core';
import {type BackendWasm, idOf} from './wasmKernel.js';

/** Where a window lies on an image; the same words as our own `conv2d`. */
export interface Geometry {
  strides: readonly [number, number];
  /** `[top, bottom, left, right]`, none below zero. */
  padding: readonly [number, number, number, number];
  dilations: readonly [number, number];
}

type Call = (...args: (number | boolean | Uint8Array)[]) => void;
interface Calls {
  convolve: Call;
  matMul: Call;
}

// The library's functions, looked up once a module: they belong to its memory.
const calls = new WeakMap<object, Calls>();

function callsOf(backend: BackendWasm): Calls {
  let found = calls.get(backend.wasm);
  if (!found) {
    const {cwrap} = backend.wasm as unknown as {cwrap(name: string, result: null, args: string[]): Call};
    const n = 'number';
    found = {
      convolve: cwrap('FusedConv2D', null, Array<string>(23).fill(n)),
      matMul: cwrap('BatchMatMul', null, [n, 'array', n, n, 'array', n, n, n, n]),
    };
    calls.set(backend.wasm, found);
  }
  return found;
}

/**
 * XNNPACK's convolution into `out`, which is larger than the filter needs where a stride leaves rows over.
 *
 * @param x - `[N, H, W, C]`.
 * @param filter - `[kh, kw, C, K]`; packed at the first use and kept until this tensor is disposed.
 * @param bias - `[K]`.
 */
export function convolveInto(
  backend: BackendWasm,
  out: tf.TensorInfo,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  bias: tf.TensorInfo | undefined,
  {strides, padding: [top, bottom, left, right], dilations}: Geometry,
): void {
  const [batch, height, width, channels] = x.shape;
  const [filterHeight, filterWidth, , outputs] = filter.shape;
  const [samePadding, noActivation, noPrelu, noAlpha] = [0, 0, 0, 0];
  // prettier-ignore
  callsOf(backend).convolve(
    idOf(backend, x),
    batch,
    height,
    width,
    idOf(backend, filter),
    filterHeight,
    filterWidth,
    bias ? idOf(backend, bias) : 0,
    top,
    right,
    bottom,
    left,
    samePadding,
    ...dilations,
    ...strides,
    channels,
    outputs,
    noActivation,
    noPrelu,
    noAlpha,
    idOf(backend, out),
  );
}

/**
 * `[m, k]` by `[k, n]` into `[m, n]` by XNNPACK, on tensors given by their numbers in the library.
 *
 * The right-hand side is packed at the first use and kept until its number is released.
 */
export function matMulInto(backend: BackendWasm, out: number, a: number, b: number, [m, k, n]: number[]) {
  callsOf(backend).matMul(a, sizes([1, m, k]), 3, b, sizes([1, k, n]), 3, false, false, out);
}

const sizes = (shape: number[]) => new Uint8Array(new Int32Array(shape).buffer);

/**
 * Lends parts of other tensors to the library as tensors of their own, without a copy, while `use` runs.
 *
 * @param use - Gets a function from a position (in floats from the start of memory) and a count to a number.
 */
export function withParts(
  backend: BackendWasm,
  use: (part: (start: number, size: number) => number) => void,
) {
  // tfjs's own counter, so that no tensor gets the same number.
  const counter = backend as unknown as {dataIdNextNumber: number};
  const lent: number[] = [];
  try {
    use((start, size) => {
      const id = counter.dataIdNextNumber++;
      lent.push(id);
      backend.wasm.tfjs.registerTensor(id, size, start * 4);
      return id;
    });
  } finally {
    for (const id of lent) backend.wasm.tfjs.disposeData(id);
  }
}
