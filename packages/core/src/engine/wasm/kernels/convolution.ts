import * as tf from '@tensorflow/tfjs-core';
import {
  Convolution,
  type ConvolutionAttrs,
  ConvolutionFilterGrad,
  type ConvolutionFilterGradAttrs,
  ConvolutionInputGrad,
  type ConvolutionInputGradAttrs,
  outputSize,
} from '../../../ops/conv2d.js';
import {convolveInto, type Geometry} from '../nativeCalls.js';
import {allocate, wasmKernel} from '../wasmKernel.js';
import {filterGrad} from './filterGrad.js';
import {inputGrad} from './inputGrad.js';

type Shape4D = [number, number, number, number];

/** Our own convolution and its gradients; groups take the portable kernels, which come back here for each group. */
export const convolutionKernels = (portable: (kernelName: string) => tf.KernelFunc): tf.KernelConfig[] => [
  ungrouped(
    portable,
    wasmKernel<{x: tf.TensorInfo; filter: tf.TensorInfo; bias?: tf.TensorInfo}, ConvolutionAttrs>(
      Convolution,
      ({x, filter, bias}, attrs, backend) => {
        const {padding: pad, strides, dilations} = attrs;
        const [batch, height, width] = x.shape;
        const out = allocate(backend, [
          batch,
          outputSize(height, filter.shape[0], pad[0] + pad[1], strides[0], dilations[0]),
          outputSize(width, filter.shape[1], pad[2] + pad[3], strides[1], dilations[1]),
          filter.shape[3],
        ]);
        if (tf.util.sizeFromShape(out.shape) > 0) convolveInto(backend, out, x, filter, bias, attrs);
        return out;
      },
    ),
  ),
  ungrouped(
    portable,
    wasmKernel<Record<'dy' | 'filter', tf.TensorInfo>, ConvolutionInputGradAttrs>(
      ConvolutionInputGrad,
      ({dy, filter}, attrs, backend) => inputGrad(backend, dy, filter, attrs.inputShape, attrs),
    ),
  ),
  ungrouped(
    portable,
    wasmKernel<Record<'x' | 'dy', tf.TensorInfo>, ConvolutionFilterGradAttrs>(
      ConvolutionFilterGrad,
      ({x, dy}, attrs, backend) => filterGrad(backend, x, dy, attrs.filterShape, attrs),
    ),
  ),
];

/** tfjs's two gradients: the library has none in the filter, and one in the input at 2.5 GFLOP/s. */
export const conv2dGradKernels: tf.KernelConfig[] = [
  wasmKernel<Record<'dy' | 'filter', tf.TensorInfo>, tf.Conv2DBackpropInputAttrs>(
    tf.Conv2DBackpropInput,
    ({dy, filter}, attrs, backend) =>
      inputGrad(
        backend,
        dy,
        filter,
        attrs.inputShape,
        geometryOf(attrs, attrs.inputShape, filter.shape as Shape4D),
      ),
  ),
  wasmKernel<Record<'x' | 'dy', tf.TensorInfo>, tf.Conv2DBackpropFilterAttrs>(
    tf.Conv2DBackpropFilter,
    ({x, dy}, attrs, backend) =>
      filterGrad(backend, x, dy, attrs.filterShape, geometryOf(attrs, x.shape as Shape4D, attrs.filterShape)),
  ),
];

/** tfjs's padding in our words. */
function geometryOf(
  {strides, pad, dimRoundingMode, dataFormat}: tf.Conv2DBackpropInputAttrs | tf.Conv2DBackpropFilterAttrs,
  inputShape: Shape4D,
  filterShape: Shape4D,
): Geometry {
  if (dataFormat === 'NCHW') {
    throw new Error(
      "conv2d: the wasm engine has gradients for dataFormat 'NHWC' only, got 'NCHW'. Transpose the images by " +
        '[0, 2, 3, 1] first.',
    );
  }
  const {padInfo, strideHeight, strideWidth} = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const {top, bottom, left, right} = padInfo;
  return {strides: [strideHeight, strideWidth], padding: [top, bottom, left, right], dilations: [1, 1]};
}

function ungrouped(
  portable: (kernelName: string) => tf.KernelFunc,
  kernel: tf.KernelConfig,
): tf.KernelConfig {
  const grouped = portable(kernel.kernelName);
  return {
    ...kernel,
    kernelFunc: args => ((args.attrs as {groups?: number}).groups === 1 ? kernel.kernelFunc : grouped)(args),
  };
}
