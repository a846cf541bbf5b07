import {spawnSync} from 'node:child_process';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import test from 'ava';
import {torchTest} from './torchTest.js';

test.before(() => undefined);
const script = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const flags = ['--import=tsx', '--conditions=@foveal/source', '--no-warnings'];

torchTest('two workers compute at once, each with tensors of its own', async t => {
  const results = await Promise.all(
    [1, 2].map(
      seed =>
        new Promise((resolve, reject) => {
          const worker = new Worker(script('startWorker.mjs'), {workerData: seed});
          worker.once('message', resolve).once('error', reject);
        }),
    ),
  );
  t.deepEqual(results, [
    {seed: 1, product: 2 * 3 * 64, left: 0},
    {seed: 2, product: 4 * 3 * 64, left: 0},
  ]);
});

/** Runs a program that uses the engine, and expects it to end by itself without a word on stderr. */
const exitsCleanly = test.macro((t, ...args: string[]) => {
  const child = spawnSync(process.execPath, [...flags, script('exit.ts'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.deepEqual([child.signal, child.status, child.stderr], [null, 0, '']);
  t.is(child.stdout, 'done\n');
});

torchTest('a program ends cleanly with tensors still held', exitsCleanly);
torchTest('a program ends cleanly through process.exit', exitsCleanly, 'exit');
torchTest('a program ends cleanly with a worker still computing', exitsCleanly, 'worker');

let onnx = '';
try {
  onnx = createRequire(import.meta.url).resolve('onnxruntime-node');
} catch {
  console.warn('skipped, for onnxruntime-node is not installed: a clean exit beside it');
}
(onnx ? torchTest : test.skip)('a program ends cleanly beside onnxruntime-node', exitsCleanly, 'onnx');
