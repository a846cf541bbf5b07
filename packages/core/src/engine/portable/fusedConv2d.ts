import {
  FusedConvolution,
  type FusedConvolutionAttrs,
  type FusedConvolutionInputs,
  partByPart,
} from '../../ops/fusedConv2d.js';
import {portableKernel} from './portableKernel.js';

export const fusedConvolution = portableKernel<FusedConvolutionInputs, FusedConvolutionAttrs>(
  FusedConvolution,
  partByPart,
);
