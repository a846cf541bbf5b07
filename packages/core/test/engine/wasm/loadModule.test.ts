import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {loadModule, trimWorkers} from '../../../src/engine/wasm/loadModule.js';

for (const threads of [1, 2]) {
  test.serial(`${threads} of ${threads} threads start, and loading leaves the process as it was`, async t => {
    const events = ['uncaughtException', 'unhandledRejection'];
    const listeners = () => events.map(event => process.listenerCount(event));
    const before = listeners();
    const module = await loadModule(threads);
    t.deepEqual(listeners(), before);
    t.false('Worker' in globalThis);
    module.tfjs.initWithThreadsCount(threads);
    t.is(module.tfjs.getThreadsCount(), threads);
    trimWorkers(module);
  });
}

// The program as a module of its own: a worker that kept the process open, or printed, would show here.
const program = (engine: string) => `
  import * as tf from '@tensorflow/tfjs-core';
  const {selectEngine} = await import(${JSON.stringify(engine)});
  const {threads} = await selectEngine('wasm');
  const product = tf.matMul(tf.ones([64, 300]), tf.ones([300, 64]));
  console.log(threads, product.dataSync()[4095]);
`;

for (const threads of ['1', '2']) {
  test(`a process with FOVEAL_THREADS=${threads} uses them, prints nothing else and ends by itself`, async t => {
    const engine = new URL('../../../src/engine/selectEngine.ts', import.meta.url).href;
    const folder = new URL('../../../', import.meta.url);
    const child = spawn(
      process.execPath,
      ['--import=tsx', '--conditions=@foveal/source', '--input-type=module', '-e', program(engine)],
      {cwd: folder, env: {...process.env, FOVEAL_THREADS: threads}, timeout: 60_000},
    );
    const [out, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    t.is(errors, '');
    t.is(out, `${threads} 300\n`);
    t.is(code, 0);
  });
}
