import * as tf from '@tensorflow/tfjs-core';
import {ConvolutionInputGrad} from '../../ops/conv2d.js';
import {ConvolutionTranspose, type ConvolutionTransposeAttrs} from '../../ops/convTranspose2d.js';
import {portableKernel} from './portableKernel.js';

type Inputs = {x: tf.Tensor4D; filter: tf.Tensor4D; bias?: tf.Tensor1D};

export const convolutionTranspose = portableKernel<Inputs, ConvolutionTransposeAttrs>(
  ConvolutionTranspose,
  ({x, filter, bias}, {outputShape, ...attrs}) =>
    tf.tidy(() => {
      const gradient = {...attrs, inputShape: outputShape};
      const y = tf.engine().runKernel<tf.Tensor>(ConvolutionInputGrad, {dy: x, filter}, gradient);
      return bias ? tf.add(y, bias) : y;
    }),
);
