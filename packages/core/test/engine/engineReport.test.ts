import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {engineReport} from '../../src/engine/engineReport.js';

test('every engine is there, available or with its reasons', async t => {
  const {engines} = await engineReport();
  t.deepEqual(
    engines.map(({engine}) => engine),
    ['torch:cuda', 'torch:cpu', 'tensorflow', 'wasm', 'cpu'],
  );
  for (const {engine, available, version, devices, reasons} of engines) {
    t.is(reasons.length === 0, available, engine);
    if (available) t.truthy(version, engine);
    if (available && engine !== 'tensorflow') t.true(devices.length > 0, engine);
  }
});

test('wasm and cpu are always available, with their threads', async t => {
  const {engines} = await engineReport();
  const [wasm, cpu] = ['wasm', 'cpu'].map(name => engines.find(({engine}) => engine === name));
  t.like(wasm, {available: true, notes: {SIMD: 'yes'}});
  t.true((wasm?.threads ?? 0) >= 1);
  t.like(cpu, {available: true, threads: 1});
});

test.serial(
  'a number of threads that is none stands in the way of the engines that would use it',
  async t => {
    const asked = process.env['FOVEAL_THREADS'];
    process.env['FOVEAL_THREADS'] = 'many';
    try {
      const {engines} = await engineReport();
      const wasm = engines.find(({engine}) => engine === 'wasm');
      t.like(wasm, {
        available: false,
        reasons: ['FOVEAL_THREADS must be a whole number above 0, got "many"'],
      });
    } finally {
      if (asked === undefined) delete process.env['FOVEAL_THREADS'];
      else process.env['FOVEAL_THREADS'] = asked;
    }
  },
);

test('the machine is described', async t => {
  const {machine, tfjs} = await engineReport();
  t.is(machine.node, process.version);
  t.true(machine.cores >= 1 && machine.memory > machine.freeMemory);
  t.is(tfjs, tf.version_core);
});

test('looking selects nothing', async t => {
  const before = tf.engine().backendName;
  await engineReport();
  t.is(tf.engine().backendName, before);
});
