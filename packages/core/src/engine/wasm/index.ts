import {availableParallelism} from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type {Engine, EngineFacts} from '../engines.js';
import {registerPortable} from '../portable/index.js';
import {registerWasmKernels} from './kernels.js';
import {loadModule, maxThreads, trimWorkers} from './loadModule.js';

/** tfjs's WebAssembly backend: comes from npm alone and runs everywhere. */
export const wasmEngine: Engine = {
  kind: 'wasm',
  backend: 'wasm',
  async obstacles() {
    try {
      wasmThreads();
      return [];
    } catch (error) {
      return [String(error instanceof Error ? error.message : error)];
    }
  },
  register: () => (registered ??= register()),
};

let registered: Promise<EngineFacts> | undefined;

async function register(): Promise<EngineFacts> {
  const {BackendWasm, setThreadsCount, version_wasm} = await import('@tensorflow/tfjs-backend-wasm');
  const wanted = wasmThreads();
  let threads = wanted;
  let trouble: unknown;
  const module = await loadModule(wanted).catch((error: unknown) => {
    if (wanted === 1) throw error;
    trouble = error;
    threads = 1;
    return loadModule(1);
  });
  setThreadsCount(threads);
  const backend = new BackendWasm(module);
  trimWorkers(module);
  tf.removeBackend('wasm'); // the one that importing the package registers knows no threads
  tf.registerBackend('wasm', () => backend, 2);
  registerPortable('wasm');
  registerWasmKernels();
  return {
    version: `tfjs-backend-wasm ${version_wasm}`,
    device: 'cpu',
    threads,
    notes: {SIMD: 'yes', ...(trouble ? {threads: `one only, because ${trouble}`} : {})},
  };
}

/**
 * Threads of the wasm engine: `FOVEAL_THREADS`, or one for each core, eight at the most.
 *
 * @throws RangeError if the variable is no whole number above 0.
 */
export function wasmThreads(): number {
  const asked = process.env['FOVEAL_THREADS'];
  const threads = asked ? Number(asked) : availableParallelism();
  if (Number.isInteger(threads) && threads > 0) return Math.min(maxThreads, threads);
  throw new RangeError(`FOVEAL_THREADS must be a whole number above 0, got "${asked}"`);
}
