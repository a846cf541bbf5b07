import * as tf from '@tensorflow/tfjs-core';
import {loadAddon, type TorchDevice} from './addon.js';
import {TorchBackend} from './backend.js';
import {registerFallbacks} from './fallback.js';
import {registerGradients} from './gradients.js';
import {registerKernels} from './kernel.js';

export {fallbacks, resetFallbacks} from './fallback.js';

/** Whether the torch engine can run here, with its facts or with every reason why not. */
export type TorchAvailability =
  | {ok: true; version: string; threads: number; devices: TorchDevice[]}
  | {ok: false; reasons: string[]};

/** Looks for the addon and asks it what it can use. Cheap after the first call. */
export function torchAvailable(): TorchAvailability {
  try {
    const {torch, threads, devices} = loadAddon().about();
    return {ok: true, version: torch, threads, devices};
  } catch (error) {
    return {ok: false, reasons: String(error instanceof Error ? error.message : error).split('\n')};
  }
}

/**
 * Registers the tfjs backend `torch` on a device, with its kernels, our custom kernels, and tfjs's cpu kernels where
 * it has none of its own. Setting the backend is left to the caller.
 *
 * @param device - `cpu`, `cuda:0`, … A later call moves new tensors to another device.
 * @throws Error naming each place that was tried, if the addon does not load; if there is no such device; or if the
 * name `torch` is taken.
 */
export async function registerTorch(device: string): Promise<void> {
  const present = tf.findBackend('torch');
  if (present && !(present instanceof TorchBackend))
    throw new Error(
      'Another copy of @foveal/core, or another library, has registered the tfjs backend "torch".',
    );
  loadAddon().setDevice(device);
  await import('@tensorflow/tfjs-backend-cpu');
  const {torchKernels} = await import('./kernels/register.js');
  registerKernels(torchKernels);
  registerGradients();
  if (!present) tf.registerBackend('torch', () => new TorchBackend(), 3);
  registerFallbacks();
}
