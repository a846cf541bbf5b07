import type * as tf from '@tensorflow/tfjs-core';
import {AddRelu, AddReluGrad} from '../../../ops/addRelu.js';
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
import {ConvolutionTranspose, type ConvolutionTransposeAttrs} from '../../../ops/convTranspose2d.js';
import {Dropout, type DropoutAttrs} from '../../../ops/dropout.js';
import {
  LocalResponseNorm,
  type LocalResponseNormAttrs,
  LocalResponseNormGrad,
} from '../../../ops/localResponseNorm.js';
import {RoiAlign, type RoiAlignAttrs, RoiAlignGrad, type RoiAlignGradAttrs} from '../../../ops/roiAlign.js';
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
  [ConvolutionTranspose]: kernel<Inputs<'x' | 'filter'> & {bias?: tf.TensorInfo}, ConvolutionTransposeAttrs>(
    ({x, filter, bias}, {outputShape, strides, padding, dilations, groups}) => {
      const y = run('foveal::conv2d_input_grad', x, filter, outputShape, strides, padding, dilations, groups);
      return bias ? run('aten::add_.Tensor', y, bias) : y;
    },
  ),

  [AddRelu]: kernel<Inputs<'a' | 'b'>>(({a, b}) => run('foveal::add_relu', a, b)),
  [AddReluGrad]: kernel<Inputs<'dy' | 'y'>>(({dy, y}) => run('aten::threshold_backward', dy, y, 0)),

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
};

const reductions = {none: 0, mean: 1, sum: 2} as const;
