import {createRequire} from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type {Engine, EngineFacts} from '../engines.js';
import {registerPortable} from '../portable/index.js';

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** What the two packages export, as far as it is used here. */
interface TensorFlowPackage {
  version?: Record<string, string>;
  default?: TensorFlowPackage;
}

type Attempt = {name: string; module: TensorFlowPackage} | {reasons: string[]};

/**
 * Google's TensorFlow through `@tensorflow/tfjs-node-gpu`, or else `@tensorflow/tfjs-node`: whichever the user has
 * installed, used as it is, with our own ops composed of tfjs's.
 *
 * @param load - Imports a package by name.
 */
export function tensorflowEngine(load: (name: string) => Promise<unknown> = name => import(name)): Engine {
  // Loading takes a second and registers a backend, so it happens once, failures included.
  let attempt: Promise<Attempt> | undefined;
  let registered: EngineFacts | undefined;
  const tried = () => (attempt ??= tryPackages(load));
  return {
    kind: 'tensorflow',
    backend: 'tensorflow',
    async obstacles() {
      const result = await tried();
      return 'reasons' in result ? result.reasons : [];
    },
    async register() {
      const result = await tried();
      if ('reasons' in result) throw new Error(result.reasons.join('\n'));
      if (!registered) {
        registerPortable('tensorflow');
        registered = facts(result);
      }
      return registered;
    },
  };
}

async function tryPackages(load: (name: string) => Promise<unknown>): Promise<Attempt> {
  restoreRemovedUtilities();
  const reasons: string[] = [];
  for (const name of packages) {
    try {
      const module = (await load(name)) as TensorFlowPackage;
      if (tf.findBackendFactory('tensorflow')) return {name, module};
      reasons.push(
        `${name} is installed but belongs to another copy of @tensorflow/tfjs-core than ${tf.version_core}. ` +
          `Install the same version of both: npm install ${name}@${tf.version_core}`,
      );
    } catch (error) {
      reasons.push(explain(name, error));
    }
  }
  return {reasons};
}

function explain(name: string, error: unknown): string {
  const {code, message} = error as {code?: string; message?: string};
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (missing && message?.includes(name)) {
    return `${name} is not installed. It is optional: npm install ${name}@${tf.version_core}`;
  }
  const [why] = (message ?? String(error)).split('\n');
  return `${name} is installed but does not load: ${why} Try npm rebuild ${name} --build-addon-from-source`;
}

function facts({name, module}: {name: string; module: TensorFlowPackage}): EngineFacts {
  const backend = tf.findBackend('tensorflow') as (tf.KernelBackend & {isUsingGpuDevice?: boolean}) | null;
  const versions = module.version ?? module.default?.version ?? {};
  const version = versions['tensorflow'] ? ` (TensorFlow ${versions['tensorflow']})` : '';
  const own = versions['tfjs-node'] ?? versions['tfjs-core'] ?? '';
  return {
    version: `${name.slice('@tensorflow/'.length)} ${own}`.trim() + version,
    device: backend?.isUsingGpuDevice ? 'gpu' : 'cpu',
  };
}

/** Node 23 took away `util.isNullOrUndefined` and `util.isArray`, which tfjs-node 4.22 still calls. */
function restoreRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
