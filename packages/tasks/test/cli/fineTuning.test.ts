import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {readLog} from '../../src/train/log.js';
import {foveal} from '../support/foveal.js';
import {patterns, writeFolder} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

test.serial('weights of other categories lose their last layer, and the command says so', async t => {
  const folder = temporaryFolder(t);
  const three = join(folder, 'three');
  const dataset = patterns(12);
  await writeFolder(dataset, three);
  const out = join(folder, 'first');
  const common = ['--model', 'lenet5', '--epochs', '1', '--validation', '0'];
  t.is((await foveal('train', ...common, '--data', three, '--out', out)).code, 0);
  const weights = join(out, 'last.safetensors');

  const same = await foveal(
    ...['train', ...common, '--data', three, '--weights', weights, '--out', join(folder, 'same')],
  );
  t.is(same.code, 0, same.stderr);
  t.notRegex(same.stderr, /starts anew|newly started/);

  const renamed = join(folder, 'renamed');
  await writeFolder({...dataset, categories: ['cats', 'dogs', 'eels']}, renamed);
  const two = join(folder, 'two');
  await writeFolder(
    {
      ...dataset,
      categories: ['cats', 'dogs'],
      get: async index => ({...(await dataset.get(index)), label: index % 2}),
    },
    two,
  );
  for (const [data, count] of [
    [renamed, 3],
    [two, 2],
  ] as const) {
    const tuned = await foveal(
      ...['train', ...common, '--data', data, '--weights', weights, '--out', join(folder, `run${count}`)],
    );
    t.is(tuned.code, 0, tuned.stderr);
    t.regex(
      tuned.stderr,
      new RegExp(
        `knows other categories, so the last layer starts anew for ${count}: \\S+\\.weight, \\S+\\.bias`,
      ),
    );
  }
  const other = await foveal(
    ...['train', '--model', 'resnet20', '--data', three, '--weights', weights, '--out', join(folder, 'none')],
  );
  t.is(other.code, 1);
  t.regex(other.stderr, /do not fit ResNetCifar.*--partial/s);
});

test.serial('changes of the images are named in a file of settings or a list, and mixing too', async t => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  await writeFolder(patterns(8, {channels: 3}), data);
  const settings = join(folder, 'settings.yaml');
  writeFileSync(
    settings,
    `model: resnet20\ndata: ${data}\nsteps: 2\nbatchSize: 4\nvalidation: 0\n` +
      'augment: [resized-crop, jitter, affine, erase]\nmixup: 0.2\ncutmix: 1\n',
  );
  const out = join(folder, 'run');
  const {code, stderr} = await foveal('train', '--config', settings, '--out', out);
  t.is(code, 0, stderr);
  const losses = (run: string) =>
    readLog(join(run, 'log.jsonl')).flatMap(record => (record.type === 'step' ? record.loss : []));
  const plain = join(folder, 'plain');
  await foveal(
    ...['train', '--model', 'resnet20', '--data', data, '--steps', '2', '--batch-size', '4'],
    ...['--validation', '0', '--out', plain, '--augment', 'flip,jitter', '--mixup', '0.2'],
  );
  t.is(losses(plain).length, 2);
  t.notDeepEqual(losses(plain), losses(out));

  const wrong = await foveal('train', '--config', settings, '--out', out, '--augment', 'jitter,flop');
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /no augmentation "flop".*"flip"/s);
  const negative = await foveal('train', '--config', settings, '--out', out, '--mixup', '-1');
  t.is(negative.code, 2);
});
