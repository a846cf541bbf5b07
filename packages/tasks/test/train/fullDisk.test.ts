import {spawnSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {foveal} from '../support/foveal.js';
import {patterns, writeFolder} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

// A limit on file sizes fails a write half-way, exactly as a full disk does.
test.serial(
  'a disk that fills up stops the run, keeps its files, and lets it go on once there is room',
  async t => {
    const folder = temporaryFolder(t);
    const data = join(folder, 'data');
    await writeFolder(patterns(12), data);
    const out = join(folder, 'run');
    const argv = (path: string, epochs: number, ...more: string[]) => [
      ...['train', '--model', 'lenet5', '--data', data, '--out', path, '--epochs', String(epochs), ...more],
      ...['--validation', '0', '--batch-size', '4', '--schedule', 'constant'],
    ];
    const contents = () =>
      readdirSync(out)
        .filter(name => name.endsWith('.safetensors'))
        .map(name => [name, readFileSync(join(out, name)).toString('base64')]);
    const first = await foveal(...argv(out, 1));
    t.is(first.code, 0, first.stderr);
    const before = contents();
    t.is(before.length, 3);

    const program = fileURLToPath(new URL('../support/fovealProgram.ts', import.meta.url));
    const command = [
      process.execPath,
      '--import=tsx',
      '--conditions=@foveal/source',
      '--no-warnings',
      program,
    ];
    // 64 KiB: the log fits, a checkpoint does not. tsx keeps a cache, which the limit would cut short.
    const {status, stderr} = spawnSync(
      'sh',
      ['-c', 'ulimit -f 128; exec "$0" "$@"', ...command, ...argv(out, 3, '--resume')],
      {encoding: 'utf8', env: {...process.env, TSX_DISABLE_CACHE: '1'}},
    );
    t.is(status, 1, stderr);
    t.regex(stderr, /foveal: .*\.safetensors: no room to write it \(EFBIG\)/);
    t.true(JSON.stringify(contents()) === JSON.stringify(before), 'the files changed');
    t.deepEqual(
      readdirSync(out).filter(name => /tmp$|lock$/.test(name)),
      [],
    );

    t.is((await foveal(...argv(out, 3, '--resume'))).code, 0);
    t.is((await foveal(...argv(join(folder, 'whole'), 3))).code, 0);
    const weights = (path: string) => readFileSync(join(path, 'last.safetensors'));
    t.true(weights(out).equals(weights(join(folder, 'whole'))), 'the resumed run is another one');
  },
);
