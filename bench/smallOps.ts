// What one small operation costs, its tensor's life included: the torch engine against tfjs's wasm.
import {type EngineName, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {compare, type Program} from './support.ts';

const runs = 2000;
const ops = {
  relu: x => tf.relu(x),
  add: x => tf.add(x, x),
  reshape: x => tf.reshape(x, [4, 4]),
} satisfies Record<string, (x: tf.Tensor) => tf.Tensor>;

const versions = [(await selectEngine('torch')).version, (await selectEngine('wasm')).version];

/** Microseconds for one call on 16 numbers. */
const program = (engine: EngineName, op: (x: tf.Tensor) => tf.Tensor): Program => {
  return async () => {
    await selectEngine(engine);
    const x = tf.ones([16]);
    const start = performance.now();
    for (let i = 0; i < runs; i++) op(x).dispose();
    const elapsed = performance.now() - start;
    x.dispose();
    return (elapsed / runs) * 1000;
  };
};

for (const [name, op] of Object.entries(ops)) {
  await compare({
    name: `${name} of 16 numbers`,
    peer: 'wasm engine',
    unit: 'µs',
    ours: program('torch', op),
    theirs: program('wasm', op),
    rounds: 21,
    warmUp: 5,
    versions,
  });
}
