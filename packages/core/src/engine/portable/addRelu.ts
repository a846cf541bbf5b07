import * as tf from '@tensorflow/tfjs-core';
import {AddRelu} from '../../ops/addRelu.js';
import {AddReluGrad} from '../../ops/reluGradient.js';
import {portableKernel} from './portableKernel.js';

export const addRelu = portableKernel<Record<'a' | 'b', tf.Tensor>, object>(AddRelu, ({a, b}) =>
  tf.tidy(() => tf.relu(tf.add(a, b))),
);

export const addReluGrad = portableKernel<Record<'dy' | 'y', tf.Tensor>, object>(AddReluGrad, ({dy, y}) =>
  tf.tidy(() => tf.mul(dy, tf.step(y))),
);
