import * as tf from '@tensorflow/tfjs-core';
import {addRelu, addReluGrad} from './addRelu.js';
import {batchNormEval} from './batchNormEval.js';
import {batchNormTrain, batchNormTrainGrad} from './batchNormTrain.js';
import {convolution} from './convolution.js';
import {convolutionFilterGrad, convolutionInputGrad} from './convolutionGradients.js';
import {convolutionTranspose} from './convTranspose2d.js';
import {dropout} from './dropout.js';
import {localResponseNorm, localResponseNormGrad} from './localResponseNorm.js';
import {optimizerSteps} from './optimizerSteps.js';
import type {PortableKernel} from './portableKernel.js';
import {roiAlign, roiAlignGrad} from './roiAlign.js';
import {softmaxCrossEntropy, softmaxCrossEntropyGrad} from './softmaxCrossEntropy.js';

const kernels: readonly PortableKernel[] = [
  addRelu,
  addReluGrad,
  convolution,
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
  roiAlign,
  roiAlignGrad,
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
