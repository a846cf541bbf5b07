import * as tf from '@tensorflow/tfjs-core';
import {cpuFallbackKernels} from './cpuFallback.js';
import {batchNormKernels} from './kernels/batchNorm.js';
import {broadcastKernels} from './kernels/broadcast.js';
import {conv2dGradKernels, convolutionKernels} from './kernels/convolution.js';
import {depthwiseGradKernels} from './kernels/depthwiseGrad.js';
import {gather, unsortedSegmentSum} from './kernels/gather.js';
import {batchMatMul, fusedMatMul} from './kernels/matMul.js';
import {avgPoolGrad, maxPoolGrad} from './kernels/poolGrad.js';
import {concat, slice} from './kernels/slice.js';
import {reverse, stridedSlice} from './kernels/stridedSlice.js';
import {tanh} from './kernels/tanh.js';
import {tile} from './kernels/tile.js';
import {unpack} from './kernels/unpack.js';

/**
 * Replaces what is slow in tfjs's wasm backend and adds what it lacks. Comes after the portable kernels, some of
 * which it replaces too.
 */
export function registerWasmKernels(): void {
  const kernels = [
    ...conv2dGradKernels,
    ...convolutionKernels(current),
    ...batchNormKernels,
    batchMatMul(current(tf.BatchMatMul)),
    fusedMatMul(current(tf._FusedMatMul)),
    ...depthwiseGradKernels,
    maxPoolGrad,
    avgPoolGrad,
    unsortedSegmentSum,
    gather(current(tf.GatherV2)),
    tile(current(tf.Tile)),
    unpack(current(tf.Unpack)),
    reverse(current(tf.Reverse)),
    stridedSlice(current(tf.StridedSlice)),
    slice(current(tf.Slice)),
    concat(current(tf.Concat)),
    tanh(current(tf.Tanh)),
    ...broadcastKernels(current),
    ...cpuFallbackKernels,
  ];
  for (const kernel of kernels) {
    const stock = tf.getKernel(kernel.kernelName, 'wasm');
    // tfjs warns of every kernel that is registered twice.
    if (stock) tf.unregisterKernel(kernel.kernelName, 'wasm');
    // Where ours hands over to the stock kernel, that one must have been set up.
    tf.registerKernel({...kernel, ...(stock?.setupFunc && {setupFunc: stock.setupFunc})});
  }
}

function current(kernelName: string): tf.KernelFunc {
  const {kernelFunc} = tf.getKernel(kernelName, 'wasm');
  return kernelFunc;
}
