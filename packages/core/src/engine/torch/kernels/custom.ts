import type * as tf from '@tensorflow/tfjs-core';
import {AdaDeltaStep, type AdaDeltaStepAttrs} from '../../../ops/adaDeltaStep.js';
import {AdaGradStep, type AdaGradStepAttrs} from '../../../ops/adaGradStep.js';
import {AdamStep, type AdamStepAttrs} from '../../../ops/adamStep.js';
import {BatchNormEval, type BatchNormEvalAttrs} from '../../../ops/batchNorm.js';
import {BatchNormTrain, type BatchNormTrainAttrs, BatchNormTrainGrad} from '../../../ops/batchNormTrain.js';
import {
  Convolution,
  type ConvolutionAttrs,
  ConvolutionFilterGrad,
  type ConvolutionFilterGradAttrs,
  ConvolutionInputGrad,
  type ConvolutionInputGradAttrs,
} from '../../../ops/conv2d.js';
import {Dropout, type DropoutAttrs} from '../../../ops/dropout.js';
import {
  LocalResponseNorm,
  type LocalResponseNormAttrs,
  LocalResponseNormGrad,
} from '../../../ops/localResponseNorm.js';
import {RmsPropStep, type RmsPropStepAttrs} from '../../../ops/rmsPropStep.js';
import {RoiAlign, type RoiAlignAttrs, RoiAlignGrad, type RoiAlignGradAttrs} from '../../../ops/roiAlign.js';
import {SgdStep, type SgdStepAttrs} from '../../../ops/sgdStep.js';
import {
  SoftmaxCrossEntropy,
  type SoftmaxCrossEntropyAttrs,
  SoftmaxCrossEntropyGrad,
} from '../../../ops/softmaxCrossEntropy.js';
import {run, runMany} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

type Inputs<Names extends string> = Record<Names, tf.TensorInfo>;

/** The kernels of our own ops, by operators of our own: `native/ops.cpp` declares them. */
export const custom: KernelTable = {
  [Convolution]: kernel<Inputs<'x' | 'filter'> & {bias?: tf.TensorInfo}, ConvolutionAttrs>(
    ({x, filter, bias}, {strides, padding, dilations, groups}) =>
      run('foveal::conv2d', x, filter, bias ?? null, strides, padding, dilations, groups),
  ),
  [ConvolutionInputGrad]: kernel<Inputs<'dy' | 'filter'>, ConvolutionInputGradAttrs>(
    ({dy, filter}, {inputShape, strides, padding, dilations, groups}) =>
      run('foveal::conv2d_input_grad', dy, filter, inputShape, strides, padding, dilations, groups),
  ),
  [ConvolutionFilterGrad]: kernel<Inputs<'x' | 'dy'>, ConvolutionFilterGradAttrs>(
    ({x, dy}, {filterShape, strides, padding, dilations, groups}) =>
      run('foveal::conv2d_filter_grad', x, dy, filterShape, strides, padding, dilations, groups),
  ),

  [BatchNormTrain]: kernel<Inputs<'x' | 'gamma' | 'beta'>, BatchNormTrainAttrs>(
    ({x, gamma, beta}, {epsilon, relu}) => runMany('foveal::batch_norm_train', x, gamma, beta, epsilon, relu),
  ),
  [BatchNormTrainGrad]: kernel<
    Inputs<'dy' | 'x' | 'gamma' | 'beta' | 'mean' | 'variance'>,
    BatchNormTrainAttrs
  >(({dy, x, gamma, beta, mean, variance}, {epsilon, relu}) =>
    runMany('foveal::batch_norm_train_grad', dy, x, gamma, beta, mean, variance, epsilon, relu),
  ),
  [BatchNormEval]: kernel<Inputs<'x' | 'gamma' | 'beta' | 'mean' | 'variance'>, BatchNormEvalAttrs>(
    ({x, gamma, beta, mean, variance}, {epsilon, relu}) =>
      run('foveal::batch_norm_eval', x, gamma, beta, mean, variance, epsilon, relu),
  ),
  [LocalResponseNorm]: kernel<Inputs<'x'>, LocalResponseNormAttrs>(({x}, {size, alpha, beta, k}) =>
    run('foveal::local_response_norm', x, size, alpha, beta, k),
  ),
  [LocalResponseNormGrad]: kernel<Inputs<'dy' | 'x'>, LocalResponseNormAttrs>(
    ({dy, x}, {size, alpha, beta, k}) => run('foveal::local_response_norm_grad', dy, x, size, alpha, beta, k),
  ),

  [SoftmaxCrossEntropy]: kernel<
    Inputs<'logits' | 'labels'> & {weights?: tf.TensorInfo},
    SoftmaxCrossEntropyAttrs
  >(({logits, labels, weights}, {ignoreIndex, labelSmoothing, reduction}) =>
    runMany(
      'foveal::softmax_cross_entropy',
      logits,
      labels,
      weights ?? null,
      ignoreIndex,
      labelSmoothing,
      reductions[reduction],
    ),
  ),
  [SoftmaxCrossEntropyGrad]: kernel<
    Inputs<'dy' | 'logits' | 'labels' | 'totalWeight'> & {weights?: tf.TensorInfo},
    SoftmaxCrossEntropyAttrs
  >(({dy, logits, labels, weights, totalWeight}, {ignoreIndex, labelSmoothing, reduction}) =>
    run(
      'foveal::softmax_cross_entropy_grad',
      dy,
      logits,
      labels,
      weights ?? null,
      totalWeight,
      ignoreIndex,
      labelSmoothing,
      reductions[reduction],
    ),
  ),
  [Dropout]: kernel<Inputs<'x'>, DropoutAttrs>(({x}, {rate, seed}) => run('foveal::dropout', x, rate, seed)),

  [RoiAlign]: kernel<Inputs<'features' | 'boxes' | 'boxIndices'>, RoiAlignAttrs>(
    ({features, boxes, boxIndices}, {outputSize: [height, width], spatialScale, samplingRatio, aligned}) =>
      run(
        'foveal::roi_align',
        features,
        boxes,
        boxIndices,
        height,
        width,
        spatialScale,
        samplingRatio,
        aligned,
      ),
  ),
  [RoiAlignGrad]: kernel<Inputs<'dy' | 'boxes' | 'boxIndices'>, RoiAlignGradAttrs>(
    ({dy, boxes, boxIndices}, {shape, outputSize: [height, width], spatialScale, samplingRatio, aligned}) =>
      run(
        'foveal::roi_align_grad',
        dy,
        boxes,
        boxIndices,
        shape,
        height,
        width,
        spatialScale,
        samplingRatio,
        aligned,
      ),
  ),

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

const reductions = {none: 0, mean: 1, sum: 2} as const;

/** Cuts the inputs of an optimizer step into its lists, all of one length. */
function lists(tensors: tf.TensorInfo[], count: number): tf.TensorInfo[][] {
  const all = Object.values(tensors);
  const length = all.length / count;
  return Array.from({length: count}, (_, i) => all.slice(i * length, (i + 1) * length));
}
