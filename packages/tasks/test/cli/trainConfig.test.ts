import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {readLog, type StartRecord} from '../../src/train/log.js';
import {foveal} from '../support/foveal.js';
import {patterns, writeFolder} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

for (const [name, text] of [
  [
    'settings.yaml',
    'model: lenet5\nsteps: 2\nbatchSize: 4 # small\naccumulate: 2\nvalidation: 0\nclipNorm: 1e-1\n',
  ],
  [
    'settings.json',
    '{"model": "lenet5", "steps": 2, "batchSize": 4, "accumulate": 2, "validation": 0, "clipNorm": 0.1}',
  ],
]) {
  test.serial(`${name} is read, and flags win over it`, async t => {
    const folder = temporaryFolder(t);
    const data = join(folder, 'data');
    await writeFolder(patterns(12), data);
    const config = join(folder, name);
    writeFileSync(config, text);
    const out = join(folder, 'run');
    const {code, stderr} = await foveal(
      ...['train', '--config', config, '--data', data, '--out', out, '--batch-size', '3', '--ema', '0.9'],
    );
    t.is(code, 0, stderr);
    const {options} = readLog(join(out, 'log.jsonl'))[0] as StartRecord;
    t.like(options, {steps: 2, batchSize: 3, accumulate: 2, clipNorm: 0.1, ema: 0.9});

    // --epochs takes the place of the file's steps.
    const again = ['train', '--config', config, '--data', data, '--out', out, '--overwrite', '--epochs', '1'];
    t.is((await foveal(...again)).code, 0);
    const {options: second} = readLog(join(out, 'log.jsonl'))[0] as StartRecord;
    t.is(second['epochs'], 1);
    t.is(second['steps'], undefined);
  });
}

const wrong: [string, string, RegExp[]][] = [
  [
    'every problem at once',
    'model: lenet5\nepohcs: 3\nbatchSize: 0\nlearningRate: .nan\nvalidation: 2\noptimizer: adan\nsteps: 1\nepochs: 1\n',
    [
      /settings\.yaml has 6 problems:/,
      /line 2: epohcs: there is no such setting; did you mean epochs\?/,
      /line 3: batchSize: .*>=1, got 0/,
      /line 4: learningRate: expected number, got NaN/,
      /line 5: validation: .*<1, got 2/,
      /line 6: optimizer: .*got "adan"/,
      /line 7: steps: takes the place of epochs/,
    ],
  ],
  ['a word that is none', 'validation: tset\n', [/validation: expected a share .* or test, got "tset"/]],
  ['broken YAML', 'model: [lenet5\nepochs: 3\n', [/settings\.yaml has (a problem|\d problems):\n {2}line 2/]],
  ['a name twice', 'epochs: 3\nepochs: 4\n', [/line 2: Map keys must be unique/]],
  ['no settings', 'just text', [/line 1: expected settings such as/]],
  ['an empty file', '', [/line 1: expected settings such as/]],
  ['a dashed name', 'batch-size: 3\n', [/did you mean batchSize/]],
];
for (const [what, text, messages] of wrong) {
  test.serial(`a file of settings with ${what} is refused by its lines`, async t => {
    const config = join(temporaryFolder(t), 'settings.yaml');
    writeFileSync(config, text);
    const {code, stderr} = await foveal('train', '--config', config);
    t.is(code, 2, stderr);
    for (const message of messages) t.regex(stderr, message);
    t.notRegex(stderr, /\n\s+at /);
  });
}

test.serial('a file that is not there is named', async t => {
  const {code, stderr} = await foveal('train', '--config', '/nowhere.yaml');
  t.is(code, 2);
  t.regex(stderr, /--config \/nowhere\.yaml: cannot be read: ENOENT/);
});

test.serial('--steps and --epochs exclude each other', async t => {
  const {code, stderr} = await foveal('train', '--steps', '3', '--epochs', '1');
  t.is(code, 2);
  t.regex(stderr, /'--steps <n>' cannot be used with option '--epochs <n>'/);
});
