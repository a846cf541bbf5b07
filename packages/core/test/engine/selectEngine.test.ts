import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {candidates, type EngineName} from '../../src/engine/engines.js';
import {selectEngine} from '../../src/engine/selectEngine.js';

const asked = process.env['FOVEAL_ENGINE'];
test.afterEach.always(() => {
  if (asked === undefined) delete process.env['FOVEAL_ENGINE'];
  else process.env['FOVEAL_ENGINE'] = asked;
});

const square = () => tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([1, 2, 3, 4], [2, 2]));

for (const name of ['cpu', 'wasm'] as const) {
  test.serial(`${name} starts and computes`, async t => {
    const info = await selectEngine(name);
    t.like(info, {name, backend: name, device: 'cpu', skipped: []});
    t.is(tf.getBackend(), name);
    t.regex(info.version, /\d+\.\d+/);
    t.deepEqual([...square().dataSync()], [7, 10, 15, 22]);
  });
}

test.serial('FOVEAL_ENGINE chooses, and an argument overrules it', async t => {
  process.env['FOVEAL_ENGINE'] = 'cpu';
  t.is((await selectEngine()).name, 'cpu');
  t.is((await selectEngine('wasm')).name, 'wasm');
  process.env['FOVEAL_ENGINE'] = 'cpuu';
  await t.throwsAsync(selectEngine(), {instanceOf: TypeError, message: /"cpuu".*Did you mean "cpu"/});
});

test.serial('auto says why it passed over every engine before the one it took', async t => {
  const {name, skipped} = await selectEngine('auto');
  const order = candidates('auto').map(({kind}) => kind);
  t.deepEqual(
    skipped.map(({engine}) => engine),
    order.slice(0, skipped.length),
  );
  t.true(name.startsWith(order[skipped.length]));
  for (const {engine, reasons} of skipped) {
    t.true(reasons.length > 0, engine);
    t.true(
      reasons.every(reason => reason.length > 10),
      engine,
    );
  }
});

test.serial('an engine that is asked for and is not there is an error with every reason', async t => {
  const error = await t.throwsAsync(selectEngine('torch:cuda:99' as EngineName));
  t.regex(error.message, /engine "torch:cuda:99" cannot run here/);
  t.regex(error.message, /\n {2}torch:cuda: .{10}/);
});

test.serial('an engine that cannot run leaves the one before it set', async t => {
  await selectEngine('cpu');
  await t.throwsAsync(selectEngine('torch:cuda:99' as EngineName));
  t.is(tf.getBackend(), 'cpu');
});

test.serial('choosing again and again registers nothing twice and prints nothing', async t => {
  const printed: unknown[] = [];
  const {log, warn, info, error} = console;
  Object.assign(
    console,
    Object.fromEntries(['log', 'warn', 'info', 'error'].map(k => [k, (...a: unknown[]) => printed.push(a)])),
  );
  try {
    for (const name of ['cpu', 'wasm', 'cpu', 'wasm'] as const) {
      await selectEngine(name);
      square().dispose();
    }
  } finally {
    Object.assign(console, {log, warn, info, error});
  }
  t.deepEqual(printed, []);
});

test.serial('a tensor made on one engine is read on the next', async t => {
  await selectEngine('cpu');
  const x = tf.tensor1d([1, 2, 3]);
  await selectEngine('wasm');
  t.deepEqual([...tf.add(x, 1).dataSync()], [2, 3, 4]);
});

test.serial('gradients are registered, of tfjs and of our own ops', async t => {
  await selectEngine('wasm');
  t.deepEqual(
    [
      ...tf
        .grad(x => tf.sum(tf.square(x)))(tf.tensor1d([1, 2]))
        .dataSync(),
    ],
    [2, 4],
  );
  t.truthy(tf.getGradient('Convolution'));
});
