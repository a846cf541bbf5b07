import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {registerTorch, torchAvailable} from '../../../src/engine/torch/index.js';
import '../../../src/register.js';

const available = torchAvailable();
if (!available.ok) console.warn(`skipped, for the torch engine is missing: ${available.reasons.join(' ')}`);

/** `test`, skipped with a printed reason where the addon is not built. One at a time: they count tensors. */
export const torchTest = available.ok ? test.serial : test.skip;

/** Before the tests of a file. */
export async function useTorch(): Promise<void> {
  if (!available.ok) return;
  await registerTorch('cpu');
  await tf.setBackend('torch');
}
