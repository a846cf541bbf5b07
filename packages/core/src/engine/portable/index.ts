import * as tf from '@tensorflow/tfjs-core';
import {addRelu, addReluGrad} from './addRelu.js';
import {batchNormEval} from './batchNormEval.js';
import {batchNormTrain, batchNormTrainGrad} from './batchNormTrain.js';
import {boxIou} from './boxIou.js';
import {convolution} from './convolution.js';
import {convolutionFilterGrad, convolutionInputGrad} from './convolutionGradients.js';
import {convolutionTranspose} from './convTranspose2d.js';
import {cropResize, cropResizeGrad} from './cropAndResize.js';
import {dropout} from './dropout.js';
import {fusedConvolution} from './fusedConv2d.js';
import {indicesWhere} from './indicesWhere.js';
import {localResponseNorm, localResponseNormGrad} from './localResponseNorm.js';
import {maxPoolSwitches, maxPoolSwitchesGrad, maxUnpool, maxUnpoolGrad} from './maxUnpool.js';
import {nonMaxSuppression} from './nonMaxSuppression.js';
import {optimizerSteps} from './optimizerSteps.js';
import {pasteMasks} from './pasteMasks.js';
import type {PortableKernel} from './portableKernel.js';
import {resize2d, resize2dGrad} from './resize2d.js';
import {roiAlign, roiAlignGrad} from './roiAlign.js';
import {roiPool, roiPoolGrad} from './roiPool.js';
import {sigmoidFocal, sigmoidFocalGrad} from './sigmoidFocal.js';
import {softmaxCrossEntropy, softmaxCrossEntropyGrad} from './softmaxCrossEntropy.js';
import {softNms} from './softNms.js';
import {topKIndices} from './topKIndices.js';

const kernels: readonly PortableKernel[] = [
  addRelu,
  addReluGrad,
  convolution,
  fusedConvolution,
  convolutionInputGrad,
  convolutionFilterGrad,
  convolutionTranspose,
  batchNormTrain,
  batchNormTrainGrad,
  batchNormEval,
  softmaxCrossEntropy,
  softmaxCrossEntropyGrad,
  dropout,
  localResponseNorm,
  localResponseNormGrad,
  maxPoolSwitches,
  maxPoolSwitchesGrad,
  maxUnpool,
  maxUnpoolGrad,
  resize2d,
  resize2dGrad,
  roiAlign,
  roiAlignGrad,
  boxIou,
  nonMaxSuppression,
  topKIndices,
  softNms,
  cropResize,
  cropResizeGrad,
  pasteMasks,
  roiPool,
  roiPoolGrad,
  sigmoidFocal,
  sigmoidFocalGrad,
  indicesWhere,
  ...optimizerSteps,
];

/**
 * Gives a stock tfjs engine every kernel of ours. Call it once an engine.
 *
 * @param backendName - `cpu`, `wasm` or `tensorflow`.
 */
export function registerPortable(backendName: string): void {
  for (const {kernelName, kernelFunc, engines} of kernels) {
    if (!engines || engines.includes(backendName)) tf.registerKernel({kernelName, backendName, kernelFunc});
  }
}
