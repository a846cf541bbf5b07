import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {Worker} from 'node:worker_threads';
import type {BackendWasm} from '@tensorflow/tfjs-backend-wasm';

/** The compiled library behind tfjs's wasm backend, with the handful of calls that its backend class makes. */
export type WasmModule = BackendWasm['wasm'];

/** What Emscripten's loader gives. */
interface EmscriptenModule {
  cwrap(name: string, result: 'number' | null, args: 'number'[]): (...args: number[]) => number;
  PThread?: {unusedWorkers: Worker[]; runningWorkers: Worker[]};
}

// Neither TypeScript without the DOM nor Node's types know it.
const {WebAssembly} = globalThis as unknown as {
  WebAssembly: {
    instantiate(binary: Uint8Array, imports: object): Promise<{instance: object; module: object}>;
  };
};

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');

/** tfjs starts its pool with eight workers at the most. */
export const maxThreads = 8;

/**
 * Loads the SIMD build of tfjs's wasm library, threaded if `threads` is above one.
 *
 * tfjs itself never uses threads in Node: it passes workers and scripts as blob URLs, which Node's workers do not
 * take, and halves the number of cores. The library underneath is able to; it needs paths instead of blobs.
 *
 * @param threads - 1 to {@link maxThreads}; the calling thread is one of them.
 * @throws Error if the library cannot be compiled or its workers do not start.
 */
export async function loadModule(threads: number): Promise<WasmModule> {
  const name = threads > 1 ? 'tfjs-backend-wasm-threaded-simd' : 'tfjs-backend-wasm';
  const binary = await readFile(join(folder, threads > 1 ? `${name}.wasm` : 'tfjs-backend-wasm-simd.wasm'));
  const script = join(folder, `${name}.js`);
  const worker = threads > 1 ? workerScript() : undefined;
  const restore = keepProcessClean();
  try {
    const module = await new Promise<EmscriptenModule>((resolve, reject) => {
      const config = {
        mainScriptUrlOrBlob: script,
        locateFile(path: string, prefix: string) {
          if (!path.endsWith('.worker.js')) return prefix + path;
          Object.assign(globalThis, {Worker: PlainWorker}); // `new Worker(…)` follows at once
          return worker;
        },
        instantiateWasm(imports: {env: object}, receive: (instance: object, module: object) => void) {
          // The library takes half of what it counts for its pool.
          Object.assign(imports.env, {emscripten_num_logical_cores: () => 2 * threads});
          WebAssembly.instantiate(binary, imports).then(
            result => receive(result.instance, result.module),
            reject,
          );
          return {};
        },
        onAbort: (reason: unknown) => reject(new Error(`the wasm library stopped while loading: ${reason}`)),
      };
      (require(script) as (config: object) => Promise<EmscriptenModule>)(config).then(resolve, reject);
    });
    return bind(module);
  } finally {
    restore();
  }
}

/** Keeps the workers that run, without holding the process open for them, and ends the rest of the eight. */
export function trimWorkers(module: WasmModule): void {
  const {PThread} = module as unknown as EmscriptenModule;
  for (const worker of PThread?.runningWorkers ?? []) worker.unref();
  for (const worker of PThread?.unusedWorkers.splice(0) ?? []) void worker.terminate();
}

/** A worker that does not repeat the `--import` and `--conditions` of this process: they would cost each 100 ms. */
class PlainWorker extends Worker {
  constructor(script: URL) {
    super(script, {execArgv: [], env: {}});
    this.unref();
  }
}

/** The library's own worker, as a module that Node can start. */
function workerScript(): URL {
  const path = join(folder, 'tfjs-backend-wasm-threaded-simd.worker.js');
  const {wasmWorkerContents} = require(path) as {wasmWorkerContents: string};
  const code = wasmWorkerContents.replaceAll('\n', '\\n'); // a line break inside one of its string literals
  const source =
    `import {createRequire} from 'node:module';` +
    `globalThis.__filename = ${JSON.stringify(path)}; globalThis.require = createRequire(__filename);` +
    `(0, eval)(${JSON.stringify(code)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

/** Loading adds listeners that rethrow every uncaught error with a page of minified code, and a global `Worker`. */
function keepProcessClean(): () => void {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map(event => new Set(process.listeners(event as 'uncaughtException')));
  const worker = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  return () => {
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[i].has(listener)) process.removeListener(event, listener);
      }
    });
    if (worker) Object.defineProperty(globalThis, 'Worker', worker);
    else Reflect.deleteProperty(globalThis, 'Worker');
  };
}

/** The calls that tfjs's `BackendWasm` expects under `tfjs`. */
function bind(module: EmscriptenModule): WasmModule {
  const number = (count: number) => Array<'number'>(count).fill('number');
  return Object.assign(module as object, {
    tfjs: {
      init: module.cwrap('init', null, []),
      initWithThreadsCount: module.cwrap('init_with_threads_count', null, number(1)),
      getThreadsCount: module.cwrap('get_threads_count', 'number', []),
      registerTensor: module.cwrap('register_tensor', null, number(3)),
      disposeData: module.cwrap('dispose_data', null, number(1)),
      dispose: module.cwrap('dispose', null, []),
    },
  }) as WasmModule;
}
