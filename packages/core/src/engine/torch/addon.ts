import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';

/** Values as they cross into native memory; complex64 interleaves real and imaginary parts. */
export type NativeValues = Float32Array | Int32Array | Uint8Array | Float64Array;

/** A processor that torch can use. */
export interface TorchDevice {
  /** `cpu`, `cuda:0`, … */
  name: string;
  /** The hardware's own name, empty where unknown. */
  description: string;
  /** Bytes of memory, 0 where unknown. */
  memory: number;
}

/** The functions of `native/binding.cc`; what they take and return stands there. */
export interface Addon {
  bind(wire: Float64Array): void;
  intern(text: string): number;
  resolve(name: string, overload: string): number;
  schema(operator: number): string;
  call(operator: number, length: number): number;
  take(): number;
  upload(values: NativeValues, dtype: number, shape: Float64Array): number;
  read(handle: number): NativeValues;
  free(handle: number): void;
  alias(handle: number): number;
  inspect(handle: number): {strides: number[]; references: number};
  setDevice(name: string): void;
  setThreads(count: number): void;
  allowTf32(allowed: number): void;
  manualSeed(seed: number): void;
  synchronize(): void;
  memory(): {tensors: number; bytes: number};
  about(): {torch: string; threads: number; devices: TorchDevice[]};
}

const native = new URL('../../../native/', import.meta.url);
const path = fileURLToPath(new URL('build/foveal.node', native));

let loaded: Addon | undefined;

/**
 * Loads the addon once in this thread. `FOVEAL_THREADS` sets the threads of one operator, every core where it is
 * not set; `FOVEAL_TF32=1` lets CUDA multiply matrices and convolve with 10 bits of mantissa, which is faster.
 *
 * @throws Error naming each place that was tried.
 */
export function loadAddon(): Addon {
  if (loaded) return loaded;
  // Spinning OpenMP threads fight over the cores with each other and with Node's own.
  process.env['OMP_WAIT_POLICY'] ??= 'passive';
  if (!existsSync(path)) throw new Error(explainMissing());
  try {
    loaded = createRequire(import.meta.url)(path) as Addon;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${path} does not load: ${why}\nThe libtorch it was built for may be gone: run \`npx foveal-native\`.`,
    );
  }
  loaded.setThreads(threadsWanted());
  loaded.allowTf32(process.env['FOVEAL_TF32'] === '1' ? 1 : 0);
  return loaded;
}

function threadsWanted(): number {
  const asked = process.env['FOVEAL_THREADS'];
  if (!asked) return availableParallelism();
  const threads = Number(asked);
  if (Number.isInteger(threads) && threads > 0) return threads;
  throw new Error(`FOVEAL_THREADS must be a whole number above 0, got "${asked}"`);
}

/** What the build wrote down, or that there was none. */
function explainMissing(): string {
  const report = new URL('build/report.txt', native);
  const tried = existsSync(report) ? readFileSync(report, 'utf8').trim() : '';
  return `${path} is not built: run \`npx foveal-native\`.` + (tried && `\n${tried}`);
}
