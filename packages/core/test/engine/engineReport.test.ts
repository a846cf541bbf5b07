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
