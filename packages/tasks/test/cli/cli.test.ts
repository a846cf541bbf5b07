import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import {foveal} from '../support/foveal.js';
import {patterns, writeFolder, writePng} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const dataset = patterns(36);

test.serial('--help of everything shows an example, and costs no engine', async t => {
  const {code, stdout} = await foveal('--help');
  t.is(code, 0);
  for (const name of ['train', 'eval', 'predict', 'doctor', 'info', 'models']) {
    t.true(stdout.includes(`\n  ${name}`), name);
    const help = await foveal(name, '--help');
    t.is(help.code, 0, name);
    t.regex(help.stdout, new RegExp(`Examples:\n  foveal ${name}`), name);
  }
  t.regex(stdout, /Exit codes:/);
});

test.serial('the help of a task has its options and defaults, and no others', async t => {
  const detect = (await foveal('train', 'detect', '--help')).stdout;
  t.regex(detect, /For detect:\n +--backbone <name>/);
  t.regex(detect, /--batch-size <n> +images at once \(default: 8\)/);
  t.regex(detect, /mosaic \(/);
  t.regex(detect, /Examples:\n {2}foveal train detect/);
  t.notRegex(detect, /--mixup|--encoder|resized-crop/);
  const classify = (await foveal('train', '--help')).stdout;
  t.regex(classify, /For classify:\n +--label-smoothing/);
  t.regex(classify, /--batch-size <n> +images at once \(default: 64\)/);
  t.notRegex(classify, /mosaic|--backbone/);
});

test.serial('--version is that of the package', async t => {
  const {version} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  t.is((await foveal('--version')).stdout, `${version}\n`);
});

const misspelt: [string[], RegExp][] = [
  [['trian'], /unknown command 'trian'.*\(Did you mean train\?\)/s],
  [['eval', '--dta', 'x'], /unknown option '--dta'.*\(Did you mean --data\?\)/s],
  [
    ['train', '--model', 'resnet21', '--data', '.', '--out', 'x'],
    /no model "resnet21"\. Did you mean "resnet20"\?/,
  ],
  [
    ['train', '--model', 'maskrcnn', '--data', '.', '--out', 'x'],
    /no model "maskrcnn" for classify, but for instance: foveal train instance --model maskrcnn\. There are: linear/,
  ],
  [
    ['train', '--model', 'lenet5', '--data', 'cifer10:.', '--out', 'x'],
    /no dataset kind "cifer10"\. Did you mean "cifar10"\?/,
  ],
  [['train', '--model', 'lenet5', '--data', 'mnist:/nowhere', '--out', 'x'], /no file or folder "\/nowhere"/],
  [
    ['train', '--model', 'lenet5', '--data', '.', '--out', 'x', '--optimizer', 'adan'],
    /no optimizer "adan"\. Did you mean "adam"\?/,
  ],
  [
    ['train', '--model', 'lenet5', '--data', '.', '--out', 'x', '--epochs', '0'],
    /--epochs.*whole number of at least 1/,
  ],
  [
    ['train', '--model', 'lenet5', '--data', '.', '--out', 'x', '--learning-rate', 'fast'],
    /--learning-rate.*number above 0/,
  ],
  [
    ['eval', '--data', '.', '--model', 'rasnet20', '--weights', 'x'],
    /no model "rasnet20"\. Did you mean "resnet20"\?/,
  ],
  [['eval', '--data', '.'], /--checkpoint FILE, or --model NAME --weights FILE/],
  [['eval', '--data', '.', '--checkpoint', 'x', '--model', 'lenet5'], /leave --model and --weights out/],
  [['predict', '--checkpoint', 'x'], /missing required argument 'images'/],
  [['predict', 'x.png'], /--checkpoint FILE, or --model NAME --weights FILE/],
  [['predict', 'x.png', '--checkpoint', 'x', '--resume'], /--resume and --overwrite need a file of results/],
  [['predict', 'x.png', '--checkpoint', 'x', '--out', 'x.txt'], /\.jsonl, \.ndjson or \.csv/],
  [['predict', 'x.png', '--model', 'lenet5', '--weights', 'x'], /--model needs --categories/],
  [['train', '--modle', 'x'], /unknown option '--modle'.*\(Did you mean --model\?\)/s],
  [['train', '--model', 'lenet5'], /train needs more options:\n {2}--data <spec>.*\n {2}--out <folder>/],
];
for (const [argv, message] of misspelt) {
  test.serial(`a wrong command line exits with 2: foveal ${argv.join(' ')}`, async t => {
    const {code, stdout, stderr} = await foveal(...argv);
    t.is(code, 2);
    t.regex(stderr, message);
    t.is(stdout, '');
    t.notRegex(stderr, /\n\s+at /);
    t.false(existsSync('x'));
  });
}

test.serial('an engine that does not exist is named with the nearest one', async t => {
  const folder = temporaryFolder(t);
  await writeFolder(patterns(3), folder);
  const {code, stderr} = await foveal('eval', '--data', folder, '--checkpoint', 'x', '--engine', 'wasn');
  t.is(code, 2);
  t.regex(stderr, /no engine "wasn".*Did you mean "wasm"/s);
});

test.serial('models lists the registry', async t => {
  const {stdout} = await foveal('models', '--json');
  const rows = JSON.parse(stdout) as {name: string; parameters: number}[];
  t.is(rows.find(({name}) => name === 'resnet20')?.parameters, 269_722);
  t.regex((await foveal('models')).stdout, /resnet20 +269,722 +40\.6 M +32 × 32 rgb/);
});

test.serial('info names every engine and why some were passed over', async t => {
  const {code, stdout} = await foveal('info');
  t.is(code, 0);
  for (const name of ['torch:cuda', 'torch:cpu', 'tensorflow', 'wasm', 'cpu'])
    t.true(stdout.includes(name), name);
  t.notThrows(() => JSON.parse(''.concat(stdout && '{}')));
  t.is(typeof JSON.parse((await foveal('info', '--json')).stdout), 'object');
});

test.serial('train, eval and predict hand their work on to each other', async t => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const out = join(folder, 'run');
  await writeFolder(dataset, data);

  const trained = await foveal(
    ...['train', '--model', 'lenet5', '--data', data, '--out', out, '--epochs', '6', '--batch-size', '8'],
    ...['--optimizer', 'adam', '--learning-rate', '2e-3', '--validation', '0.2', '--seed', '3', '--json'],
  );
  t.is(trained.code, 0, trained.stderr);
  const result = JSON.parse(trained.stdout);
  t.is(result.epochs.length, 6);
  t.false(result.interrupted);
  t.regex(trained.stderr, /epoch 6\/6: loss .* validation top1 /);

  const checkpoint = join(out, 'best.safetensors');
  const evaluated = await foveal('eval', '--checkpoint', checkpoint, '--data', `folder:${data}`, '--json');
  t.is(evaluated.code, 0, evaluated.stderr);
  const metrics = JSON.parse(evaluated.stdout);
  t.is(metrics.images, 36);
  t.true(metrics.top1 > 0.9);
  t.is(metrics.perClass.length, 3);
  t.regex(
    (await foveal('eval', '--checkpoint', checkpoint, '--data', data)).stdout,
    /^top-1 .*36 images.*checks/s,
  );

  const measured = join(folder, 'measured');
  await foveal('eval', '--checkpoint', checkpoint, '--data', data, '--out', measured);
  const report = JSON.parse(readFileSync(join(measured, 'report.json'), 'utf8'));
  t.deepEqual(
    report.confusion.map((row: number[]) => row.reduce((a, b) => a + b)),
    [12, 12, 12],
  );
  t.is(report.top1, metrics.top1);
  t.is((await sharp(join(measured, 'confusion.png')).metadata()).format, 'png');

  // A whole image, one cut short, one that is text, one that is empty, one that is missing.
  const inbox = join(folder, 'inbox');
  mkdirSync(join(inbox, 'deep'), {recursive: true});
  const {image} = await dataset.get(4);
  await writePng(image, join(inbox, 'deep', 'columns.png'));
  await writePng(image, join(inbox, 'a.png'));
  writeFileSync(join(inbox, 'cut.png'), readFileSync(join(inbox, 'a.png')).subarray(0, 200));
  writeFileSync(join(inbox, 'text.jpg'), '<html>');
  writeFileSync(join(inbox, 'empty.png'), '');
  const missing = join(folder, 'missing.png');

  const predicted = await foveal(
    'predict',
    '--checkpoint',
    checkpoint,
    inbox,
    missing,
    '--top',
    '2',
    '--json',
  );
  t.is(predicted.code, 1);
  const predictions = JSON.parse(predicted.stdout) as {
    file: string;
    error?: string;
    categories?: {score: number}[];
  }[];
  t.deepEqual(
    predictions.filter(({error}) => !error).map(({file}) => file),
    [join(inbox, 'a.png'), join(inbox, 'deep', 'columns.png')],
  );
  t.is(predictions[0].categories?.length, 2);
  for (const file of ['cut.png', 'text.jpg', 'empty.png', 'missing.png']) {
    const lines = predicted.stderr.split('\n').filter(line => line.includes(file));
    t.is(lines.length, 1, `${file}: ${lines.join('\n')}`);
    t.true(predictions.some(one => one.file.endsWith(file) && one.error));
  }
  t.regex(predicted.stderr, /4 of 6 images could not be read/);

  const pictures = join(folder, 'pictures');
  const drawn = await foveal(
    'predict',
    '--checkpoint',
    checkpoint,
    join(inbox, 'deep'),
    join(inbox, 'deep'),
    '--out',
    pictures,
  );
  t.is(drawn.code, 0, drawn.stderr);
  t.regex(drawn.stdout, /columns\.png {2}columns {2}[\d.]+ %/);
  for (const name of ['contact-sheet.png', 'columns.png', 'columns-2.png']) {
    t.is((await sharp(join(pictures, name)).metadata()).format, 'png');
  }
});

test.serial('a checkpoint of other categories is not measured on this data', async t => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  await writeFolder(dataset, data);
  const out = join(folder, 'run');
  const train = [
    'train',
    '--model',
    'lenet5',
    '--data',
    data,
    '--out',
    out,
    '--epochs',
    '1',
    '--validation',
    '0',
  ];
  t.is((await foveal(...train)).code, 0);
  const other = join(folder, 'other');
  await writeFolder({...dataset, categories: ['cats', 'dogs', 'rows']}, other);
  const {code, stderr} = await foveal('eval', '--checkpoint', join(out, 'last.safetensors'), '--data', other);
  t.is(code, 1);
  t.regex(stderr, /foveal: evaluate: the model knows 3 categories .* checks against cats/);
  t.notRegex(stderr, /\n\s+at /);

  const again = await foveal(...train);
  t.is(again.code, 1);
  t.regex(again.stderr, /already holds a run.*--resume.*--overwrite/s);
});
