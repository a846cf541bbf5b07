import * as tf from '@tensorflow/tfjs-core';
import type {Engine, EngineFacts} from './engines.js';
import {registerPortable} from './portable/index.js';

/** tfjs's plain JavaScript backend, one GFLOP/s at the best: the oracle of the tests. */
export const cpuEngine: Engine = {
  kind: 'cpu',
  backend: 'cpu',
  obstacles: async () => [],
  register: () => (registered ??= register()),
};

let registered: Promise<EngineFacts> | undefined;

async function register(): Promise<EngineFacts> {
  const {version_cpu} = await import('@tensorflow/tfjs-backend-cpu');
  quietCpuBackend();
  registerPortable('cpu');
  return {version: `tfjs-backend-cpu ${version_cpu}`, device: 'cpu', threads: 1};
}

/** Stops the advertisement that tfjs's cpu backend prints at its first tensor in Node. */
export function quietCpuBackend(): void {
  const backend = tf.findBackend('cpu') as (tf.KernelBackend & {firstUse?: boolean}) | null;
  if (backend) backend.firstUse = false;
}
