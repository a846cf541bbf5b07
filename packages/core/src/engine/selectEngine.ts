import * as tf from '@tensorflow/tfjs-core';
import {cpuEngine, quietCpuBackend} from './cpu.js';
import {
  candidates,
  type Engine,
  type EngineFacts,
  type EngineKind,
  type EngineName,
  type SkippedEngine,
} from './engines.js';
import {tensorflowEngine} from './tensorflow/index.js';
import {torchEngine} from './torchEngine.js';
import {wasmEngine} from './wasm/index.js';
import '../register.js';

/** The engine that runs now. */
export interface EngineInfo extends EngineFacts {
  /** The name that selects it again: `torch:cuda:0`, `torch:cpu`, `tensorflow`, `wasm`, `cpu`. */
  name: string;
  /** The tfjs backend that is set. */
  backend: string;
  /** The engines before it in the order of preference, and why each was passed over. */
  skipped: SkippedEngine[];
}

export const engines: Record<EngineKind, Engine> = {
  'torch:cuda': torchEngine('torch:cuda'),
  'torch:cpu': torchEngine('torch:cpu'),
  tensorflow: tensorflowEngine(),
  wasm: wasmEngine,
  cpu: cpuEngine,
};

/**
 * Chooses what computes: registers gradients and kernels and sets the tfjs backend. Call it once, before the first
 * tensor; a later call moves new tensors to another engine.
 *
 * `auto` takes the first that runs of torch on CUDA, torch on the CPU, TensorFlow and WebAssembly.
 *
 * @param name - an {@link EngineName}.
 * @defaultValue the environment variable `FOVEAL_ENGINE`, or `auto`
 * @returns what was chosen, with its version, device and threads, and why the better ones were not.
 * @throws TypeError for a name that is none, Error if the engine asked for cannot run, with every reason.
 */
export async function selectEngine(name?: EngineName): Promise<EngineInfo> {
  const asked = name ?? (process.env['FOVEAL_ENGINE'] || 'auto');
  const choices = candidates(asked);
  quietCpuBackend();
  const skipped: SkippedEngine[] = [];
  for (const {kind, device} of choices) {
    const engine = engines[kind];
    const reasons = await engine.obstacles(device);
    if (reasons.length === 0) {
      try {
        const facts = await engine.register(device);
        if (!(await tf.setBackend(engine.backend))) throw new Error(`tfjs did not take "${engine.backend}"`);
        return {...facts, name: engineName(kind, facts.device), backend: engine.backend, skipped};
      } catch (error) {
        reasons.push(`it failed while starting: ${error instanceof Error ? error.message : error}`);
      }
    }
    skipped.push({engine: kind, reasons});
  }
  throw new Error(
    `selectEngine: the engine "${asked}" cannot run here.\n` + skipped.map(explainSkipped).join('\n'),
  );
}

/** One line for each reason: `torch:cuda: …`. */
export function explainSkipped({engine, reasons}: SkippedEngine): string {
  return reasons.map(reason => `  ${engine}: ${reason}`).join('\n');
}

const engineName = (kind: EngineKind, device: string) => (kind === 'torch:cuda' ? `torch:${device}` : kind);
