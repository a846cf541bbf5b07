import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {floating} from './dtype.js';
import {type KernelTable, kernel} from './kernelTable.js';

export const random: KernelTable = {
  // The last argument is torch's Generator: a number seeds one of its own.
  [tf.Multinomial]: kernel<tf.MultinomialInputs, tf.MultinomialAttrs>(
    ({logits}, {numSamples, seed, normalized}) => {
      const x = floating(logits);
      const probabilities = normalized ? x : run('aten::_softmax', x, -1, false);
      return run('aten::multinomial', probabilities, numSamples, true, Math.abs(Math.trunc(seed * 2 ** 32)));
    },
  ),
};
