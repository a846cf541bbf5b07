import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {type AdaDeltaStepOptions, adaDeltaStep} from '../../src/ops/adaDeltaStep.js';
import {type AdaGradStepOptions, adaGradStep} from '../../src/ops/adaGradStep.js';
import {type AdamStepOptions, adamStep} from '../../src/ops/adamStep.js';
import {type RmsPropStepOptions, rmsPropStep} from '../../src/ops/rmsPropStep.js';
import {type SgdStepOptions, sgdStep} from '../../src/ops/sgdStep.js';
import {closeTo, type GoldenTensor, golden, noFallbacks, noise, registerOps, tensor} from '../support.js';

test.before(registerOps);
test.after(noFallbacks);

type Options = SgdStepOptions &
  AdamStepOptions &
  RmsPropStepOptions &
  AdaGradStepOptions &
  AdaDeltaStepOptions;
interface Case {
  name: string;
  optimizer: 'sgd' | 'adam' | 'rmsProp' | 'adaGrad' | 'adaDelta';
  options: Options;
  inputs: {params: GoldenTensor[]; grads: GoldenTensor[][]};
  outputs: {params: GoldenTensor[][]};
}

const zeros = (params: tf.Variable[]) => params.map(param => tf.variable(tf.zeros(param.shape), false));

/** One step of an optimizer whose state is at hand. `step` counts from 1. */
const optimizers = {
  sgd(params: tf.Variable[], options: Options) {
    const momenta = options.momentum ? zeros(params) : [];
    return (grads: tf.Tensor[], step: number) =>
      sgdStep(params, grads, momenta, {...options, first: step === 1});
  },
  adam(params: tf.Variable[], options: Options) {
    const [m, v] = [zeros(params), zeros(params)];
    return (grads: tf.Tensor[], step: number) => adamStep(params, grads, m, v, {...options, step});
  },
  rmsProp(params: tf.Variable[], options: Options) {
    const [averages, momenta] = [zeros(params), options.momentum ? zeros(params) : []];
    return (grads: tf.Tensor[]) => rmsPropStep(params, grads, averages, momenta, options);
  },
  adaGrad(params: tf.Variable[], options: Options) {
    const sums = zeros(params);
    return (grads: tf.Tensor[]) => adaGradStep(params, grads, sums, options);
  },
  adaDelta(params: tf.Variable[], options: Options) {
    const [averages, deltas] = [zeros(params), zeros(params)];
    return (grads: tf.Tensor[]) => adaDeltaStep(params, grads, averages, deltas, options);
  },
};

for (const {name, optimizer, options, inputs, outputs} of golden<Case>('optimizers')) {
  test(`PyTorch goes the same five steps: ${name}`, t => {
    const params = inputs.params.map(param => tf.variable(tensor(param)));
    const step = optimizers[optimizer](params, options);
    inputs.grads.forEach((grads, n) => {
      step(
        grads.map(grad => tensor(grad)),
        n + 1,
      );
      params.forEach((param, i) => {
        closeTo(t, param, tensor(outputs.params[n][i]), {message: `parameter ${i} after step ${n + 1}`});
      });
    });
  });
}

const variables = () => [tf.variable(noise([2, 3])), tf.variable(noise([4], 2))];
for (const name of Object.keys(optimizers) as (keyof typeof optimizers)[]) {
  test(`${name} leaves gradients and what shares memory with a parameter as they were, and no tensor behind`, t => {
    const params = variables();
    const grads = [noise([2, 3], 3), noise([4], 4)];
    const shared = params.map(param => tf.clone(param));
    const [paramsBefore, gradsBefore] = [shared, grads].map(list =>
      list.map(tensor => [...tensor.dataSync()]),
    );
    const options = {learningRate: 0.1, momentum: 0.9} as Options;
    const step = optimizers[name](params, options);
    const before = tf.memory().numTensors;
    step(grads, 1);
    t.is(tf.memory().numTensors, before);
    t.deepEqual(
      grads.map(grad => [...grad.dataSync()]),
      gradsBefore,
    );
    t.deepEqual(
      shared.map(clone => [...clone.dataSync()]),
      paramsBefore,
    );
    t.notDeepEqual([...params[0].dataSync()], paramsBefore[0]);
  });
}

test('a gradient that is used as the first velocity stays the caller’s', t => {
  const [param, velocity] = [tf.variable(tf.zeros([2])), tf.variable(tf.zeros([2]))];
  const grad = tf.tensor1d([1, 2]);
  const options = {learningRate: 1, momentum: 0.5};
  sgdStep([param], [grad], [velocity], {...options, first: true});
  grad.dispose();
  closeTo(t, velocity, tf.tensor1d([1, 2]));
  sgdStep([param], [tf.tensor1d([0, 0])], [velocity], options);
  closeTo(t, param, tf.tensor1d([-1.5, -3]));
});

test('no parameters are no work', t => {
  t.notThrows(() => sgdStep([], [], [], {learningRate: 0.1}));
});

test('errors say what was expected, what came and what to do', t => {
  const [a, b] = variables();
  t.throws(() => sgdStep([a, b], [tf.zeros([2, 3])], [], {learningRate: 0.1}), {
    message: /SgdStep: 2 parameters came with a list of 1\. Pass one gradient/,
  });
  t.throws(() => sgdStep([a], [tf.zeros([3, 2])], [], {learningRate: 0.1}), {
    message: /is float32 \[2,3\], but its gradient is float32 \[3,2\]/,
  });
});
