import type * as tf from '@tensorflow/tfjs-core';
import {AddRelu} from '../../../ops/addRelu.js';
import {BatchNormEval, type BatchNormEvalAttrs} from '../../../ops/batchNorm.js';
import {BatchNormTrain, type BatchNormTrainAttrs, BatchNormTrainGrad} from '../../../ops/batchNormTrain.js';
import {BoxIou} from '../../../ops/boxIou.js';
import {
  Convolution,
  type ConvolutionAttrs,
  ConvolutionFilterGrad,
  type ConvolutionFilterGradAttrs,
  ConvolutionInputGrad,
  type ConvolutionInputGradAttrs,
} from '../../../ops/conv2d.js';
import {ConvolutionTranspose, type ConvolutionTransposeAttrs} from '../../../ops/convTranspose2d.js';
import {CropResize, type CropResizeAttrs, CropResizeGrad} from '../../../ops/cropAndResize.js';
import {Dropout, type DropoutAttrs} from '../../../ops/dropout.js';
import {FusedConvolution, type FusedConvolutionAttrs} from '../../../ops/fusedConv2d.js';
import {IndicesWhere} from '../../../ops/indicesWhere.js';
import {
  LocalResponseNorm,
  type LocalResponseNormAttrs,
  LocalResponseNormGrad,
} from '../../../ops/localResponseNorm.js';
import {
  MaxPoolSwitches,
  type MaxPoolSwitchesAttrs,
  MaxPoolSwitchesGrad,
  MaxUnpool,
  type MaxUnpoolAttrs,
  MaxUnpoolGrad,
} from '../../../ops/maxUnpool.js';
import {NonMaxSuppression, type NonMaxSuppressionAttrs} from '../../../ops/nonMaxSuppression.js';
import {PasteMasks, type PasteMasksAttrs} from '../../../ops/pasteMasks.js';
import {AddReluGrad} from '../../../ops/reluGradient.js';
import {Resize2d, type Resize2dAttrs, Resize2dGrad, type Resize2dGradAttrs} from '../../../ops/resize2d.js';
import {RoiAlign, type RoiAlignAttrs, RoiAlignGrad, type RoiAlignGradAttrs} from '../../../ops/roiAlign.js';
import {RoiPool, type RoiPoolAttrs, RoiPoolGrad, type RoiPoolGradAttrs} from '../../../ops/roiPool.js';
import {SigmoidFocal, type SigmoidFocalAttrs, SigmoidFocalGrad} from '../../../ops/sigmoidFocalLoss.js';
import {
  SoftmaxCrossEntropy,
  type SoftmaxCrossEntropyAttrs,
  SoftmaxCrossEntropyGrad,
} from '../../../ops/softmaxCrossEntropy.js';
import {SoftNms, type SoftNmsAttrs} from '../../../ops/softNms.js';
import {TopKIndices, type TopKIndicesAttrs} from '../../../ops/topKIndices.js';
import {run, runMany} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

type Inputs<Names extends string> = Record<Names, tf.TensorInfo>;
type FusedConvolutionInfos = Inputs<'x' | 'filter'> &
  Partial<Inputs<'bias' | 'gamma' | 'beta' | 'mean' | 'variance' | 'residual'>>;

/** The kernels of our own ops, by operators of our own: `native/ops.cpp` declares them. */
export const custom: KernelTable = {
  [Convolution]: kernel<Inputs<'x' | 'filter'> & {bias?: tf.TensorInfo}, ConvolutionAttrs>(
    ({x, filter, bias}, {strides, padding, dilations, groups}) =>
      run('foveal::conv2d', x, filter, bias ?? null, strides, padding, dilations, groups),
  ),
  [FusedConvolution]: kernel<FusedConvolutionInfos, FusedConvolutionAttrs>(
    (
      {x, filter, bias, gamma, beta, mean, variance, residual},
      {strides, padding, dilations, groups, epsilon, activation, slope},
    ) => {
      const norm = gamma && beta && mean && variance ? [gamma, beta, mean, variance] : [];
      const parts = [x, filter, bias ?? null, norm, epsilon, residual ?? null] as const;
      const geometry = [strides, padding, dilations, groups] as const;
      return run('foveal::conv2d_fused', ...parts, ...geometry, activation, slope);
    },
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

  [BoxIou]: kernel<Inputs<'a' | 'b'>>(({a, b}) => run('foveal::box_iou', a, b)),
  [NonMaxSuppression]: kernel<
    Inputs<'boxes' | 'scores'> & {categories?: tf.TensorInfo},
    NonMaxSuppressionAttrs
  >(({boxes, scores, categories}, {iouThreshold}) =>
    run('foveal::nms', boxes, scores, categories ?? null, iouThreshold),
  ),
  [TopKIndices]: kernel<Inputs<'scores'>, TopKIndicesAttrs>(({scores}, {k}) =>
    run('foveal::top_k_indices', scores, k),
  ),
  [IndicesWhere]: kernel<Inputs<'mask'>>(({mask}) => run('aten::reshape', run('aten::nonzero', mask), [-1])),

  [MaxPoolSwitches]: kernel<Inputs<'x'>, MaxPoolSwitchesAttrs>(
    ({x}, {kernelSize, strides, padding, ceilMode}) =>
      runMany(
        'aten::max_pool2d_with_indices',
        channelsFirst(x),
        kernelSize,
        strides,
        padding,
        [1, 1],
        ceilMode,
      ).map(channelsLast),
  ),
  [MaxPoolSwitchesGrad]: kernel<Inputs<'dy' | 'indices'>, MaxPoolSwitchesAttrs>(
    ({dy, indices}, {inputShape}) => {
      const [batch, height, width, channels] = inputShape;
      const zeros = run('aten::new_zeros', dy, [batch, height * width, channels]);
      const dx = run('aten::scatter_add_', zeros, 1, planes(long(indices)), planes(dy));
      return run('aten::reshape', dx, inputShape);
    },
  ),
  [MaxUnpool]: kernel<Inputs<'values' | 'indices'>, MaxUnpoolAttrs>(
    ({values, indices}, {size: [height, width]}) => {
      const [batch, , , channels] = values.shape;
      const zeros = run('aten::new_zeros', values, [batch, height * width, channels]);
      const y = run('aten::scatter_.src', zeros, 1, planes(long(indices)), planes(values));
      return run('aten::reshape', y, [batch, height, width, channels]);
    },
  ),
  [MaxUnpoolGrad]: kernel<Inputs<'dy' | 'indices'>>(({dy, indices}) =>
    run('aten::reshape', run('aten::gather', planes(dy), 1, planes(long(indices))), indices.shape),
  ),
  [Resize2d]: kernel<Inputs<'x'>, Resize2dAttrs>(({x}, {size, method, alignCorners}) => {
    const image = channelsFirst(x);
    return channelsLast(
      method === 'bilinear'
        ? run('aten::upsample_bilinear2d', image, size, alignCorners)
        : run('aten::upsample_nearest2d', image, size),
    );
  }),
  [Resize2dGrad]: kernel<Inputs<'dy'>, Resize2dGradAttrs>(({dy}, {shape, size, method, alignCorners}) => {
    const [batch, height, width, channels] = shape;
    const [upstream, inputShape] = [channelsFirst(dy), [batch, channels, height, width]];
    return channelsLast(
      method === 'bilinear'
        ? run('aten::upsample_bilinear2d_backward', upstream, size, inputShape, alignCorners)
        : run('aten::upsample_nearest2d_backward', upstream, size, inputShape),
    );
  }),

  [RoiPool]: kernel<Inputs<'features' | 'boxes' | 'boxIndices'>, RoiPoolAttrs>(
    ({features, boxes, boxIndices}, {outputSize: [height, width], spatialScale}) =>
      runMany('foveal::roi_pool', features, boxes, boxIndices, height, width, spatialScale),
  ),
  [RoiPoolGrad]: kernel<Inputs<'dy' | 'largest' | 'boxIndices'>, RoiPoolGradAttrs>(
    ({dy, largest, boxIndices}, {shape}) => run('foveal::roi_pool_grad', dy, largest, boxIndices, shape),
  ),
  [SigmoidFocal]: kernel<Inputs<'logits' | 'targets'>, SigmoidFocalAttrs>(
    ({logits, targets}, {alpha, gamma}) => run('foveal::sigmoid_focal', logits, targets, alpha, gamma),
  ),
  [SigmoidFocalGrad]: kernel<Inputs<'dy' | 'logits' | 'targets'>, SigmoidFocalAttrs>(
    ({dy, logits, targets}, {alpha, gamma}) =>
      run('foveal::sigmoid_focal_grad', dy, logits, targets, alpha, gamma),
  ),

  [SoftNms]: kernel<Inputs<'boxes' | 'scores'>, SoftNmsAttrs>(
    ({boxes, scores}, {method, sigma, iouThreshold, scoreThreshold}) =>
      runMany('foveal::soft_nms', boxes, scores, method === 'gaussian', sigma, iouThreshold, scoreThreshold),
  ),
  [CropResize]: kernel<Inputs<'image' | 'boxes' | 'boxIndices'>, CropResizeAttrs>(
    ({image, boxes, boxIndices}, {size: [height, width], method, extrapolationValue}) =>
      run(
        'foveal::crop_resize',
        image,
        boxes,
        boxIndices,
        height,
        width,
        method === 'nearest',
        extrapolationValue,
      ),
  ),
  [CropResizeGrad]: kernel<Inputs<'dy' | 'boxes' | 'boxIndices'>, CropResizeAttrs>(
    ({dy, boxes, boxIndices}, {shape, method}) =>
      run('foveal::crop_resize_grad', dy, boxes, boxIndices, shape, method === 'nearest'),
  ),
  [PasteMasks]: kernel<Inputs<'masks' | 'boxes'>, PasteMasksAttrs>(({masks, boxes}, {height, width}) =>
    run('foveal::paste_masks', masks, boxes, height, width),
  ),

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

const long = (x: tf.TensorInfo) => run('aten::to.dtype', x, 'int64');
/** `[N, H, W, C]` as `[N, H·W, C]`. */
const planes = (x: tf.TensorInfo) => run('aten::flatten.using_ints', x, 1, 2);
// For torch both are NHWC in memory: channels_last.
const channelsFirst = (x: tf.TensorInfo) => run('aten::permute', x, [0, 3, 1, 2]);
const channelsLast = (x: tf.TensorInfo) => run('aten::permute', x, [0, 2, 3, 1]);

const reductions = {none: 0, mean: 1, sum: 2} as const;
