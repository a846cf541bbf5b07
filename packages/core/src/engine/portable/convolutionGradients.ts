import * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionAttrs,
  ConvolutionFilterGrad,
  type ConvolutionFilterGradAttrs,
  ConvolutionInputGrad,
  type ConvolutionInputGradAttrs,
} from '../../ops/conv2d.js';
import {padImage} from './convolution.js';
import {filterGradByConvolution, inputGradByConvolution} from './convolutionArithmetic.js';
import {depthwiseFilterGrad, depthwiseInputGrad} from './depthwiseGradients.js';
import {byGroup} from './groups.js';
import {portableKernel} from './portableKernel.js';

type InputGradInputs = {dy: tf.Tensor4D; filter: tf.Tensor4D};
type FilterGradInputs = {x: tf.Tensor4D; dy: tf.Tensor4D};

export const convolutionInputGrad = portableKernel<InputGradInputs, ConvolutionInputGradAttrs>(
  ConvolutionInputGrad,
  ({dy, filter}, attrs) =>
    tf.tidy(() => {
      const {groups, inputShape, padding} = attrs;
      const [batch, height, width, channels] = inputShape;
      if (groups > 1 && groups === channels) return depthwiseInputGrad(dy, filter, inputShape, attrs);
      if (groups > 1) {
        const one = {...attrs, groups: 1, inputShape: [batch, height, width, channels / groups]};
        return byGroup(groups, [dy, filter], ([dy, filter]) =>
          tf.engine().runKernel(ConvolutionInputGrad, {dy, filter}, one),
        );
      }
      if (dilated(attrs)) return inputGradByConvolution(dy, filter, inputShape, attrs);
      // tfjs-node's gradient kernels know no explicit padding: take the gradient of the padded image and cut it out.
      const [top, bottom, left, right] = padding;
      const padded = [batch, height + top + bottom, width + left + right, channels];
      const valid = {strides: attrs.strides, pad: 'valid', dataFormat: 'NHWC', inputShape: padded};
      const dx = tf.engine().runKernel<tf.Tensor>(tf.Conv2DBackpropInput, {dy, filter}, valid);
      return tf.slice(dx, [0, top, left, 0], inputShape);
    }),
);

export const convolutionFilterGrad = portableKernel<FilterGradInputs, ConvolutionFilterGradAttrs>(
  ConvolutionFilterGrad,
  ({x, dy}, attrs) =>
    tf.tidy(() => {
      const {groups, filterShape, padding} = attrs;
      const [height, width, channels, outputs] = filterShape;
      if (groups > 1 && groups === x.shape[3]) return depthwiseFilterGrad(x, dy, filterShape, attrs);
      if (groups > 1) {
        const one = {...attrs, groups: 1, filterShape: [height, width, channels, outputs / groups]};
        return byGroup(groups, [x, dy], ([x, dy]) =>
          tf.engine().runKernel(ConvolutionFilterGrad, {x, dy}, one),
        );
      }
      if (dilated(attrs)) return filterGradByConvolution(x, dy, filterShape, attrs);
      const valid = {strides: attrs.strides, pad: 'valid', dataFormat: 'NHWC', filterShape};
      return tf.engine().runKernel(tf.Conv2DBackpropFilter, {x: padImage(x, padding), dy}, valid);
    }),
);

const dilated = ({dilations}: ConvolutionAttrs) => dilations[0] > 1 || dilations[1] > 1;
