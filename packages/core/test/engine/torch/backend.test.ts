import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {loadAddon} from '../../../src/engine/torch/addon.js';
import {fallbacks, resetFallbacks} from '../../../src/engine/torch/index.js';
import {nativeKernel, registerKernels} from '../../../src/engine/torch/kernel.js';
import {run} from '../../../src/engine/torch/run.js';
import {nativeDtype} from '../../../src/engine/torch/table.js';
import {torchTest, useTorch} from './torchTest.js';

test.before(useTorch);

const held = () => loadAddon().memory();

torchTest('values come back as they went in, in their own dtype', t => {
  const floats = tf.tensor1d([1.5, Number.NaN, Number.POSITIVE_INFINITY, -0]);
  t.deepEqual(floats.dataSync(), Float32Array.of(1.5, Number.NaN, Number.POSITIVE_INFINITY, -0));
  t.deepEqual(
    tf.tensor1d([-(2 ** 31), 2 ** 31 - 1], 'int32').dataSync(),
    Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
  );
  t.deepEqual(tf.tensor1d([true, false]).dataSync(), Uint8Array.of(1, 0));
  t.deepEqual(tf.zeros([0, 3]).dataSync(), new Float32Array(0));
  t.deepEqual(tf.scalar(3).arraySync(), 3);
  t.deepEqual(tf.tensor1d(['a', 'é']).dataSync() as unknown, ['a', 'é']);
});

torchTest('complex numbers stay complex', t => {
  const x = tf.complex([1, 2], [3, 4]);
  t.deepEqual(x.dataSync() as unknown, Float32Array.of(1, 3, 2, 4));
  t.deepEqual(tf.imag(tf.clone(x)).dataSync(), Float32Array.of(3, 4));
});

torchTest('what was read is a copy', t => {
  const x = tf.tensor1d([1, 2]);
  x.dataSync()[0] = 9;
  t.deepEqual(x.dataSync(), Float32Array.of(1, 2));
});

torchTest('disposing frees native memory at once', t => {
  const before = held();
  const x = tf.zeros([1024, 1024]);
  t.is(held().bytes - before.bytes, 4 << 20);
  x.dispose();
  t.deepEqual(held(), before);
});

torchTest('a clone and a view live on when the original is gone', t => {
  const before = held();
  const x = tf.tensor1d([1, 2, 3, 4]);
  const clone = tf.clone(x);
  const view = tf.reshape(x, [2, 2]);
  t.is(held().bytes - before.bytes, 16, 'one storage serves three tensors');
  x.dispose();
  t.deepEqual(clone.dataSync(), Float32Array.of(1, 2, 3, 4));
  clone.dispose();
  t.deepEqual(view.arraySync() as unknown, [
    [1, 2],
    [3, 4],
  ]);
  view.dispose();
  t.deepEqual(held(), before);
});

torchTest('a tensor moves to another backend and back', async t => {
  const before = held();
  const x = tf.tensor1d([1, 2]);
  const clone = tf.clone(x);
  await tf.setBackend('cpu');
  const y = tf.add(x, 1);
  t.deepEqual(held(), before);
  await tf.setBackend('torch');
  t.deepEqual(tf.add(x, y).dataSync(), Float32Array.of(3, 5));
  t.deepEqual(clone.dataSync(), Float32Array.of(1, 2));
  tf.dispose([x, y, clone]);
});

torchTest(
  'a kernel keeps only what it returns, narrows what tfjs has no dtype for, and shares its input',
  t => {
    registerKernels([
      nativeKernel<{x: tf.TensorInfo}>('TestKernel', ({inputs: {x}}) => [
        run('aten::argmax', run('aten::neg', x), 0),
        x,
      ]),
    ]);
    const x = tf.tensor1d([3, 1, 2]);
    const before = held().tensors;
    const [where, same] = tf.engine().runKernel('TestKernel', {x}) as tf.Tensor[];
    t.is(held().tensors, before + 1);
    t.is(tf.backend().refCount(x.dataId), 2);
    t.deepEqual([where.dtype, where.dataSync()[0]], ['int32', 1]);
    t.is((where.dataId as unknown as {native: number}).native, nativeDtype.int32);
    tf.dispose([where, same]);
    t.deepEqual(x.dataSync(), Float32Array.of(3, 1, 2));
    t.is(held().tensors, before);
    tf.unregisterKernel('TestKernel', 'torch');
  },
);

torchTest('a kernel that fails frees what it made', t => {
  registerKernels([
    nativeKernel<{x: tf.TensorInfo}>('TestKernel', ({inputs: {x}}) =>
      run('aten::relu', run('aten::neg', x), 1),
    ),
  ]);
  const x = tf.tensor1d([1]);
  const before = held().tensors;
  t.throws(() => tf.engine().runKernel('TestKernel', {x}), {message: /takes 1 arguments/});
  t.is(held().tensors, before);
  tf.unregisterKernel('TestKernel', 'torch');
});

torchTest('a kernel that torch has not runs on the cpu, and is counted', t => {
  tf.registerKernel({
    kernelName: 'TestFallback',
    backendName: 'cpu',
    kernelFunc: ({inputs, attrs, backend}) =>
      tf.getKernel('Square', 'cpu').kernelFunc({inputs, backend, ...(attrs && {attrs})}),
  });
  return useTorch().then(() => {
    resetFallbacks();
    const before = [held().tensors, tf.memory().numTensors, tf.findBackend('cpu').numDataIds()];
    const y = tf.engine().runKernel('TestFallback', {x: tf.tensor1d([3])}) as tf.Tensor;
    t.deepEqual(y.dataSync(), Float32Array.of(9));
    t.deepEqual(fallbacks(), {TestFallback: 1});
    t.is(tf.findBackend('cpu').numDataIds(), before[2]);
    resetFallbacks();
    t.deepEqual(fallbacks(), {});
    tf.unregisterKernel('TestFallback', 'cpu');
    tf.unregisterKernel('TestFallback', 'torch');
  });
});

torchTest('thousands of operators leave the resident memory flat', t => {
  const x = tf.randomNormal([64, 512]);
  const work = () =>
    tf.tidy(() => {
      const loss = (w: tf.Tensor) => tf.sum(tf.relu(tf.matMul(tf.reshape(w, [512, 64]), x))) as tf.Scalar;
      tf.grad(loss)(x);
    });
  for (let i = 0; i < 50; i++) work();
  const before = held();
  const resident = process.memoryUsage.rss();
  for (let i = 0; i < 200; i++) work();
  t.deepEqual(held(), before);
  const growth = (process.memoryUsage.rss() - resident) / 2 ** 20;
  t.true(growth < 60, `grew by ${growth.toFixed(0)} MiB`); // one product leaked a step would be 200
});

torchTest('an optimizer step does not write through a clone or a view', t => {
  const attrs = [0.5, 0, 0, false, 0, 0, true] as const;
  const step = (w: tf.TensorInfo, g: tf.TensorInfo) => run('foveal::sgd_step', [w], [g], [], ...attrs);
  const gradient = tf.tensor1d([1, 1]);
  for (const share of [(x: tf.Tensor) => tf.clone(x), (x: tf.Tensor) => tf.reshape(x, [2, 1])]) {
    const w = tf.tensor1d([1, 2]);
    const other = share(w);
    const stepped = step(w, gradient);
    t.deepEqual([...(tf.backend().readSync(stepped.dataId) as Float32Array)], [0.5, 1.5]);
    t.deepEqual([...other.dataSync()], [1, 2]);
    tf.backend().disposeData(stepped.dataId);
  }
  const alone = tf.tensor1d([1, 2]);
  const stepped = step(alone, gradient);
  t.deepEqual([...alone.dataSync()], [0.5, 1.5], 'alone it is written in place');
  tf.backend().disposeData(stepped.dataId);
});
