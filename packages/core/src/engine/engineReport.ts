import {existsSync, readFileSync, realpathSync} from 'node:fs';
import {availableParallelism, cpus, freemem, totalmem} from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type {EngineKind} from './engines.js';
import {engines} from './selectEngine.js';
import {type TorchAvailability, torchAvailable} from './torch/index.js';
import {wasmThreads} from './wasm/index.js';

/** A device that an engine can compute on. */
export interface EngineDevice {
  /** `cuda:0`, `cpu`. */
  name: string;
  /** The hardware's own name, empty where unknown. */
  description: string;
  /** Bytes; undefined where unknown. */
  memory?: number;
}

export interface EngineReportEntry {
  engine: EngineKind;
  available: boolean;
  /** Library and version, undefined where there is none. */
  version?: string;
  devices: EngineDevice[];
  threads?: number;
  /** What else is known: where its libraries are, its BLAS, SIMD. */
  notes: Record<string, string>;
  /** Why it cannot run; empty if it can. */
  reasons: string[];
}

/** What `foveal info` prints. */
export interface EngineReport {
  machine: {
    node: string;
    platform: string;
    cpu: string;
    /** Cores that this process may use. */
    cores: number;
    /** Bytes. */
    memory: number;
    /** Bytes. */
    freeMemory: number;
  };
  tfjs: string;
  /** In the order in which `auto` tries them, and last the one that it never takes. */
  engines: EngineReportEntry[];
}

/**
 * Looks at every engine without selecting one: what is there, in which version, on which devices, and what stands in
 * the way of the rest. May load native libraries, changes nothing else.
 */
export async function engineReport(): Promise<EngineReport> {
  const [first] = cpus();
  return {
    machine: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpu: first?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memory: totalmem(),
      freeMemory: freemem(),
    },
    tfjs: tf.version_core,
    engines: [
      await torchEntry('torch:cuda', 'cuda:0'),
      await torchEntry('torch:cpu', 'cpu'),
      await entry('tensorflow', 'tensorflow', [], {}),
      await entry(
        'wasm',
        `tfjs-backend-wasm ${tf.version_core}`,
        [{name: 'cpu', description: ''}],
        {SIMD: 'yes'},
        wasmThreads,
      ),
      await entry(
        'cpu',
        `tfjs-backend-cpu ${tf.version_core}`,
        [{name: 'cpu', description: ''}],
        {},
        () => 1,
      ),
    ],
  };
}

async function entry(
  engine: EngineKind,
  version: string,
  devices: EngineDevice[],
  notes: Record<string, string>,
  threads?: () => number,
): Promise<EngineReportEntry> {
  const reasons = await engines[engine].obstacles('');
  const available = reasons.length === 0;
  if (!available) return {engine, available, devices: [], notes: {}, reasons};
  return {engine, available, version, devices, notes, reasons, ...(threads && {threads: threads()})};
}

async function torchEntry(engine: 'torch:cuda' | 'torch:cpu', device: string): Promise<EngineReportEntry> {
  const found = torchAvailable();
  const reasons = await engines[engine].obstacles(device);
  return {
    engine,
    available: reasons.length === 0,
    ...(found.ok && {version: `libtorch ${found.version}`, threads: found.threads}),
    devices: devicesOf(found, engine === 'torch:cuda' ? 'cuda' : 'cpu'),
    notes: found.ok ? loadedLibraries() : {},
    reasons,
  };
}

function devicesOf(found: TorchAvailability, prefix: string): EngineDevice[] {
  if (!found.ok) return [];
  return found.devices
    .filter(({name}) => name.startsWith(prefix))
    .map(({name, description, memory}) => ({name, description, ...(memory > 0 && {memory})}));
}

const libraries = {
  libtorch: /\/libtorch_cpu\.so[^/]*$/,
  CUDA: /\/libcudart[^/]*\.so[^/]*$/,
  cuDNN: /\/libcudnn\.so[^/]*$/,
  BLAS: /\/lib(?:openblas|mkl_core|blas|blis)[^/]*\.so[^/]*$/,
  oneDNN: /\/lib(?:dnnl|mkldnn)\.so[^/]*$/,
  OpenMP: /\/lib(?:gomp|iomp5|omp)[^/]*\.so[^/]*$/,
};

/** The files behind libtorch, as the system has mapped them into this process; empty where it does not tell. */
function loadedLibraries(): Record<string, string> {
  const maps = '/proc/self/maps';
  if (!existsSync(maps)) return {};
  const files = new Set(readFileSync(maps, 'utf8').match(/\/\S+\.so\S*$/gm));
  const found: Record<string, string> = {};
  for (const [name, pattern] of Object.entries(libraries)) {
    const file = [...files].find(path => pattern.test(path));
    if (file) found[name] = realpathSync(file);
  }
  return found;
}
