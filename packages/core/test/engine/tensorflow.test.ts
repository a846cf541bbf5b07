import '@tensorflow/tfjs-backend-cpu';
import {createRequire} from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {tensorflowEngine} from '../../src/engine/tensorflow/index.js';

const missing = async (name: string): Promise<never> => {
  throw Object.assign(new Error(`Cannot find package '${name}'`), {code: 'ERR_MODULE_NOT_FOUND'});
};

test.afterEach.always(() => {
  if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
});

test.serial('neither package being there names both and how to install them', async t => {
  const reasons = await tensorflowEngine(missing).obstacles('');
  t.is(reasons.length, 2);
  t.regex(reasons[0], /tfjs-node-gpu is not installed.*npm install @tensorflow\/tfjs-node-gpu@\d/);
  t.regex(reasons[1], /tfjs-node is not installed.*npm install @tensorflow\/tfjs-node@\d/);
});

test.serial('the GPU package is tried first, and only once', async t => {
  const asked: string[] = [];
  const engine = tensorflowEngine(name => {
    asked.push(name);
    return missing(name);
  });
  await engine.obstacles('');
  await engine.obstacles('');
  await t.throwsAsync(engine.register(''));
  t.deepEqual(asked, ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']);
});

test.serial('a package that is broken says why and what to do', async t => {
  const engine = tensorflowEngine(async name => {
    if (name.endsWith('gpu')) return missing(name);
    throw new Error('libtensorflow.so.2: cannot open shared object file\n    at somewhere');
  });
  const reasons = await engine.obstacles('');
  t.regex(reasons[1], /installed but does not load: libtensorflow\.so\.2: cannot open.*npm rebuild/);
  t.notRegex(reasons[1], /at somewhere/);
});

test.serial('a package with a tfjs-core of its own is told apart', async t => {
  const reasons = await tensorflowEngine(async () => ({})).obstacles('');
  t.regex(reasons[0], /another copy of @tensorflow\/tfjs-core/);
});

test.serial('a package that registers its backend is used, with our ops on it', async t => {
  const engine = tensorflowEngine(async name => {
    if (name.endsWith('gpu')) return missing(name);
    // tfjs's cpu backend under the other name stands in for the native one.
    tf.registerBackend('tensorflow', () => tf.findBackend('cpu') as tf.KernelBackend);
    return {version: {'tfjs-node': '4.22.0', tensorflow: '2.9.1'}};
  });
  t.deepEqual(await engine.obstacles(''), []);
  t.like(await engine.register(''), {version: 'tfjs-node 4.22.0 (TensorFlow 2.9.1)', device: 'cpu'});
  await engine.register('');
  t.truthy(tf.getKernel('BatchNormTrain', 'tensorflow'));
  t.truthy(tf.getKernel('SgdStep', 'tensorflow'));
});

test.serial('what newer versions of Node removed and tfjs-node calls is put back', async t => {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  const original = util['isNullOrUndefined'];
  delete util['isNullOrUndefined'];
  try {
    await tensorflowEngine(missing).obstacles('');
    const restored = util['isNullOrUndefined'] as (value: unknown) => boolean;
    t.deepEqual([null, undefined, 0, ''].map(restored), [true, true, false, false]);
  } finally {
    if (original) util['isNullOrUndefined'] = original;
  }
});
