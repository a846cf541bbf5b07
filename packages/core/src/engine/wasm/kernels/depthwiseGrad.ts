import * as tf from '@tensorflow/tfjs-core';
import {allocate, floats, wasmKernel} from '../wasmKernel.js';

// Legend: C input channels, M filters for each, so C·M output channels; the filter is [kh, kw, C, M].

type Attrs = Pick<
  tf.DepthwiseConv2dNativeBackpropInputAttrs,
  'strides' | 'dilations' | 'pad' | 'dimRoundingMode'
>;

export const depthwiseGradKernels: tf.KernelConfig[] = [
  wasmKernel<Record<'dy' | 'filter', tf.TensorInfo>, tf.DepthwiseConv2dNativeBackpropInputAttrs>(
    tf.DepthwiseConv2dNativeBackpropInput,
    ({dy, filter}, attrs, backend) => {
      const info = depthwiseInfo(attrs.inputShape, filter.shape, attrs);
      const out = allocate(backend, attrs.inputShape);
      const [upstream, weights, dx] = [dy, filter, out].map(tensor => floats(backend, tensor));
      dx.fill(0);
      const {inChannels: channels, outChannels: outputs} = info;
      const each = outputs / channels;
      forEachTap(info, (pixel, o, tap) => {
        if (each === 1) {
          for (let c = 0; c < channels; c++) dx[pixel + c] += upstream[o + c] * weights[tap + c];
          return;
        }
        for (let k = 0; k < outputs; k++)
          dx[pixel + Math.floor(k / each)] += upstream[o + k] * weights[tap + k];
      });
      return out;
    },
  ),
  wasmKernel<Record<'x' | 'dy', tf.TensorInfo>, tf.DepthwiseConv2dNativeBackpropFilterAttrs>(
    tf.DepthwiseConv2dNativeBackpropFilter,
    ({x, dy}, attrs, backend) => {
      const info = depthwiseInfo(x.shape, attrs.filterShape, attrs);
      const out = allocate(backend, attrs.filterShape);
      const [values, upstream] = [x, dy].map(tensor => floats(backend, tensor));
      const {inChannels: channels, outChannels: outputs} = info;
      const each = outputs / channels;
      const sums = new Float64Array(tf.util.sizeFromShape(attrs.filterShape));
      forEachTap(info, (pixel, o, tap) => {
        if (each === 1) {
          for (let c = 0; c < channels; c++) sums[tap + c] += values[pixel + c] * upstream[o + c];
          return;
        }
        for (let k = 0; k < outputs; k++)
          sums[tap + k] += values[pixel + Math.floor(k / each)] * upstream[o + k];
      });
      floats(backend, out).set(sums);
      return out;
    },
  ),
];

function depthwiseInfo(inputShape: number[], filterShape: number[], attrs: Attrs) {
  const {strides, dilations, pad, dimRoundingMode} = attrs;
  return tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
}

/** Visits every tap that lies on the image: where its channels begin in the input, the output and the filter. */
function forEachTap(
  info: tf.backend_util.Conv2DInfo,
  visit: (pixel: number, output: number, tap: number) => void,
): void {
  const {inHeight, inWidth, inChannels, outChannels, filterHeight, filterWidth, padInfo} = info;
  let o = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let oy = 0; oy < info.outHeight; oy++) {
      for (let ox = 0; ox < info.outWidth; ox++, o += outChannels) {
        for (let ky = 0; ky < filterHeight; ky++) {
          const y = oy * info.strideHeight - padInfo.top + ky * info.dilationHeight;
          if (y < 0 || y >= inHeight) continue;
          for (let kx = 0; kx < filterWidth; kx++) {
            const x = ox * info.strideWidth - padInfo.left + kx * info.dilationWidth;
            if (x < 0 || x >= inWidth) continue;
            visit(((n * inHeight + y) * inWidth + x) * inChannels, o, (ky * filterWidth + kx) * outChannels);
          }
        }
      }
    }
  }
}
