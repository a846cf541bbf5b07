import type {EngineInfo, EngineName} from '@foveal/core';
import {Option} from 'commander';
import {UsageError} from './usageError.js';

export const engineOption = () =>
  new Option('--engine <name>', 'auto, torch, torch:cpu, torch:cuda:0, tensorflow, wasm or cpu').env(
    'FOVEAL_ENGINE',
  );

/** Starts the engine that was asked for and says on stderr which one it is. */
export async function startEngine(name: string | undefined): Promise<EngineInfo> {
  const {selectEngine} = await import('@foveal/core');
  const engine = await selectEngine(name as EngineName | undefined).catch((error: Error) => {
    // A name that is none, other than an engine that cannot run here, is the command line's fault.
    throw error instanceof TypeError ? new UsageError(error.message, {cause: error}) : error;
  });
  const threads = engine.threads ? `, ${engine.threads} threads` : '';
  process.stderr.write(`engine: ${engine.name} (${engine.version}${threads})\n`);
  return engine;
}
