import {nativeKernel} from '../kernel.js';
import {arrays} from './arrays.js';
import {binary} from './binary.js';
import {blocks} from './blocks.js';
import {complex} from './complex.js';
import {convolution} from './convolution.js';
import {convolution3d} from './convolution3d.js';
import {creation} from './creation.js';
import {cropAndResize} from './cropAndResize.js';
import {custom} from './custom.js';
import {gradients} from './gradients.js';
import {image} from './image.js';
import {indexing} from './indexing.js';
import type {KernelTable} from './kernelTable.js';
import {matmul} from './matmul.js';
import {normalization} from './normalization.js';
import {optimizerSteps} from './optimizerSteps.js';
import {padding} from './padding.js';
import {pooling} from './pooling.js';
import {random} from './random.js';
import {reduction} from './reduction.js';
import {slicing} from './slicing.js';
import {unary} from './unary.js';

/** Every kernel that runs on torch, by theme. */
const tables: KernelTable[] = [
  unary,
  binary,
  reduction,
  matmul,
  convolution,
  convolution3d,
  pooling,
  normalization,
  arrays,
  slicing,
  padding,
  blocks,
  indexing,
  creation,
  random,
  image,
  cropAndResize,
  complex,
  gradients,
  custom,
  optimizerSteps,
];

/** The kernels of the torch backend, for tfjs. */
export const torchKernels = tables
  .flatMap(table => Object.entries(table))
  .map(([name, compute]) => nativeKernel(name, ({inputs, attrs}) => compute(inputs, attrs)));
