import type * as tf from '@tensorflow/tfjs-core';
import {AdaDeltaStep, type AdaDeltaStepAttrs} from '../../../ops/adaDeltaStep.js';
import {AdaGradStep, type AdaGradStepAttrs} from '../../../ops/adaGradStep.js';
import {AdamStep, type AdamStepAttrs} from '../../../ops/adamStep.js';
import {RmsPropStep, type RmsPropStepAttrs} from '../../../ops/rmsPropStep.js';
import {SgdStep, type SgdStepAttrs} from '../../../ops/sgdStep.js';
import {runMany} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

/** One call for all parameters of a group. */
export const optimizerSteps: KernelTable = {
  [SgdStep]: kernel<tf.TensorInfo[], SgdStepAttrs>((tensors, a) => {
    const [params, grads, momenta] = lists(tensors, a.momentum === 0 ? 2 : 3);
    const {learningRate, momentum, dampening, nesterov, weightDecay, l1, first} = a;
    return runMany(
      'foveal::sgd_step',
      params,
      grads,
      momenta ?? [],
      learningRate,
      momentum,
      dampening,
      nesterov,
      weightDecay,
      l1,
      first,
    );
  }),
  [AdamStep]: kernel<tf.TensorInfo[], AdamStepAttrs>((tensors, a) => {
    const {learningRate, beta1, beta2, epsilon, weightDecay, l1, decoupled, step} = a;
    const parts = lists(tensors, 4);
    return runMany(
      'foveal::adam_step',
      ...parts,
      learningRate,
      beta1,
      beta2,
      epsilon,
      weightDecay,
      l1,
      decoupled,
      step,
    );
  }),
  [RmsPropStep]: kernel<tf.TensorInfo[], RmsPropStepAttrs>((tensors, a) => {
    const [params, grads, squares, momenta] = lists(tensors, a.momentum === 0 ? 3 : 4);
    const {learningRate, alpha, epsilon, momentum, weightDecay, l1} = a;
    return runMany(
      'foveal::rms_prop_step',
      params,
      grads,
      squares,
      momenta ?? [],
      learningRate,
      alpha,
      epsilon,
      momentum,
      weightDecay,
      l1,
    );
  }),
  [AdaGradStep]: kernel<tf.TensorInfo[], AdaGradStepAttrs>(
    (tensors, {learningRate, epsilon, weightDecay, l1}) =>
      runMany('foveal::ada_grad_step', ...lists(tensors, 3), learningRate, epsilon, weightDecay, l1),
  ),
  [AdaDeltaStep]: kernel<tf.TensorInfo[], AdaDeltaStepAttrs>(
    (tensors, {learningRate, rho, epsilon, weightDecay, l1}) =>
      runMany('foveal::ada_delta_step', ...lists(tensors, 4), learningRate, rho, epsilon, weightDecay, l1),
  ),
};

/** Cuts the inputs of an optimizer step into its lists, all of one length. */
function lists(tensors: tf.TensorInfo[], count: number): tf.TensorInfo[][] {
  const all = Object.values(tensors);
  const length = all.length / count;
  return Array.from({length: count}, (_, i) => all.slice(i * length, (i + 1) * length));
}
