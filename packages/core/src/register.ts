// The only module that does something on import: it fills tfjs's registry of gradients.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import {addReluGradient} from './ops/addRelu.js';
import {batchNormGradient} from './ops/batchNorm.js';
import {convolutionGradient} from './ops/conv2d.js';
import {convolutionTransposeGradient} from './ops/convTranspose2d.js';
import {cropResizeGradient} from './ops/cropAndResize.js';
import {dropoutGradient} from './ops/dropout.js';
import {localResponseNormGradient} from './ops/localResponseNorm.js';
import {maxPoolSwitchesGradient, maxUnpoolGradient} from './ops/maxUnpool.js';
import {resize2dGradient} from './ops/resize2d.js';
import {roiAlignGradient} from './ops/roiAlign.js';
import {sigmoidFocalGradient} from './ops/sigmoidFocalLoss.js';

const gradients = [
  addReluGradient,
  convolutionGradient,
  convolutionTransposeGradient,
  batchNormGradient,
  dropoutGradient,
  localResponseNormGradient,
  maxPoolSwitchesGradient,
  maxUnpoolGradient,
  resize2dGradient,
  roiAlignGradient,
  cropResizeGradient,
  sigmoidFocalGradient,
];

for (const gradient of gradients) tf.registerGradient(gradient);
