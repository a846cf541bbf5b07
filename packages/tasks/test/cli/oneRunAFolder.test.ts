import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {foveal, startFoveal} from '../support/foveal.js';
import {patterns, writeFolder} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.serial('a second process is kept out of a run, until the first one is gone', async t => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  await writeFolder(patterns(12), data);
  const out = join(folder, 'run');
  const argv = ['train', '--model', 'lenet5', '--data', data, '--out', out, '--validation', '0'];
  const {child, ended} = startFoveal(...argv, '--epochs', '100000');
  t.teardown(() => child.kill('SIGKILL'));
  const state = join(out, 'state.safetensors');
  while (!existsSync(state) && child.exitCode === null) await setTimeout(50);

  for (const how of ['--resume', '--overwrite']) {
    const {code, stderr} = await foveal(...argv, '--epochs', '1', how);
    t.is(code, 1, stderr);
    t.regex(stderr, new RegExp(`foveal: train: .*run is in use by process ${child.pid}\\. Wait for it`));
  }
  t.is(child.exitCode, null);

  child.kill('SIGKILL');
  await ended;
  t.true(existsSync(join(out, 'run.lock')));
  const {code, stderr} = await foveal(...argv, '--epochs', '1', '--resume');
  t.is(code, 0, stderr);
  t.deepEqual(
    readdirSync(out).filter(name => name.startsWith('run.lock')),
    [],
  );
});
