import {resizeKernelBinary} from './resizeKernelBinary.js';

/** The loops of `resizeKernel.wat`; numbers are places in its memory and counts. */
export interface ResizeKernel {
  memory: {readonly buffer: ArrayBuffer; grow(pages: number): number};
  mixColors: MixPixels;
  mixGreys: MixPixels;
  mixRows(rows: number, length: number, weights: number, taps: number, out: number): void;
  lookUp(pixel: number, end: number, tables: number, first: number, out: number): void;
}

type MixPixels = (
  row: number,
  first: number,
  weights: number,
  fours: number,
  places: number,
  out: number,
) => void;

// Neither TypeScript without the DOM nor Node's types know it.
const {WebAssembly} = globalThis as unknown as {
  WebAssembly: {
    Module: new (binary: Uint8Array) => object;
    Instance: new (module: object) => {exports: ResizeKernel};
  };
};

const page = 2 ** 16;
let kernel: ResizeKernel | undefined;

/** The kernel of this thread. @param bytes - What its memory must hold; there is room for 16 more. */
export function resizeKernel(bytes: number): ResizeKernel {
  kernel ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(resizeKernelBinary, 'base64')))
    .exports;
  const missing = bytes + 16 - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / page));
  return kernel;
}
