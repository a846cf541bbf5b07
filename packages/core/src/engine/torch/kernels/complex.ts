import * as tf from '@tensorflow/tfjs-core';
import {run} from '../run.js';
import {type KernelTable, kernel} from './kernelTable.js';

export const complex: KernelTable = {
  [tf.Complex]: kernel<tf.ComplexInputs>(({real, imag}) => run('aten::complex', real, imag)),
  [tf.ComplexAbs]: kernel<tf.ComplexAbsInputs>(({x}) => run('aten::abs', x)),
  [tf.Real]: kernel<tf.RealInputs>(({input}) =>
    input.dtype === 'complex64' ? run('aten::real', input) : input,
  ),
  [tf.Imag]: kernel<tf.ImagInputs>(({input}) =>
    input.dtype === 'complex64' ? run('aten::imag', input) : run('aten::zeros_like', input),
  ),
  [tf.FFT]: kernel<tf.FFTInputs>(({input}) => run('aten::fft_fft', input)),
  [tf.IFFT]: kernel<tf.IFFTInputs>(({input}) => run('aten::fft_ifft', input)),
};
