import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type {Module} from '../../src/index.js';
import * as core from '../../src/index.js';
import {closeTo, type GoldenTensor, golden, registerOps, tensor, tolerances} from '../support.js';

test.before(registerOps);

interface Case {
  name: string;
  module: string;
  arguments: unknown[];
  training: boolean;
  state: Record<string, GoldenTensor>;
  runs: {x: GoldenTensor; y: GoldenTensor; dy: GoldenTensor; grads: Record<string, GoldenTensor>}[];
  buffers: Record<string, GoldenTensor>;
}
type Layer = Module & {forward(x: tf.Tensor): tf.Tensor};

const classes = core as unknown as Record<string, new (...args: unknown[]) => Layer>;

for (const {name, module: className, arguments: options, training, state, runs, buffers} of golden<Case>(
  'modules',
)) {
  test(`PyTorch agrees forward and backward on ${name}`, t => {
    const module = new classes[className](...options).train(training);
    module.loadStateDict(
      Object.fromEntries(Object.entries(state).map(([name, values]) => [name, tensor(values)])),
    );
    for (const run of runs) {
      const {y, grads} = backward(module, tensor(run.x), tensor(run.dy));
      closeTo(t, y, tensor(run.y), {message: 'output'});
      t.deepEqual(Object.keys(grads).sort(), Object.keys(run.grads).sort());
      for (const [name, grad] of Object.entries(grads)) {
        closeTo(t, grad, tensor(run.grads[name]), {
          tolerance: tolerances.gradient,
          message: `gradient of ${name}`,
        });
      }
    }
    const own = module.namedBuffers();
    t.deepEqual(own.map(([name]) => name).sort(), Object.keys(buffers).sort());
    for (const [name, buffer] of own) closeTo(t, buffer, tensor(buffers[name]), {message: name});
    module.dispose();
  });
}

/** The output, and the gradients of Σ dy · y in the input and all parameters. */
function backward(module: Layer, x: tf.Tensor, dy: tf.Tensor) {
  const named: [string, tf.Variable][] = [['x', tf.variable(x)], ...module.namedParameters()];
  const outputs: tf.Tensor[] = [];
  const {grads} = tf.variableGrads(
    () => {
      outputs.push(tf.keep(module.forward(named[0][1])));
      return tf.sum(tf.mul(outputs[0], dy));
    },
    named.map(([, variable]) => variable),
  );
  return {
    y: outputs[0],
    grads: Object.fromEntries(named.map(([name, variable]) => [name, grads[variable.name]])),
  };
}
