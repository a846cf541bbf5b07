import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {selectEngine} from '@foveal/core';
import test, {type ExecutionContext} from 'ava';
import {loadCheckpoint} from '../../src/train/checkpoint.js';
import {readLog} from '../../src/train/log.js';
import {startFoveal} from '../support/foveal.js';
import {patterns, writeFolder} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.before(async () => {
  await selectEngine();
});

/** Starts an endless training and waits until it has written its first epoch. */
async function underWay(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  await writeFolder(patterns(24), data);
  const out = join(folder, 'run');
  const argv = [
    'train',
    '--model',
    'lenet5',
    '--data',
    data,
    '--out',
    out,
    '--validation',
    '0',
    '--epochs',
    '100000',
  ];
  const run = startFoveal(...argv);
  t.teardown(() => run.child.kill('SIGKILL'));
  const last = join(out, 'last.safetensors');
  while (!existsSync(last) && run.child.exitCode === null) await setTimeout(50);
  await setTimeout(200);
  return {...run, out, last};
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test.serial(`${signal} finishes the step, saves, and exits with ${code}`, async t => {
    const {child, ended, out, last} = await underWay(t);
    child.kill(signal);
    const {code: exitCode, stdout, stderr} = await ended;
    t.is(exitCode, code, stderr);
    t.regex(stdout, /Stopped after [\d,]+ steps?\. Go on with the same command and --resume/);
    const end = readLog(join(out, 'log.jsonl')).at(-1);
    t.is(end?.type, 'interrupted');
    const {metrics} = await loadCheckpoint(last);
    t.is(metrics['step'], end?.step);
  });
}

test.serial('a process that is killed leaves a checkpoint that loads, whenever it happens', async t => {
  const {child, ended, last} = await underWay(t);
  // It writes a checkpoint every few milliseconds, so that it is probably killed while writing one.
  await setTimeout(300 * Math.random());
  child.kill('SIGKILL');
  await ended;
  const {metrics} = await loadCheckpoint(last);
  t.true((metrics['step'] as number) > 0);
});
