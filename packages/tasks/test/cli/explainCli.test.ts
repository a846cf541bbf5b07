import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import test, {type ExecutionContext} from 'ava';
import sharp from 'sharp';
import {classifier} from '../../src/classification/classifier.js';
import {segmenter} from '../../src/segmentation/segmenter.js';
import {saveCheckpoint} from '../../src/train/checkpoint.js';
import {foveal} from '../support/foveal.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const categories = ['checks', 'columns', 'rows'];
const preprocess = {
  inputSize: [32, 32] as [number, number],
  color: 'rgb' as const,
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};

/** An image of 40 × 30 with a bright square, and a checkpoint of a small network. */
async function given(t: ExecutionContext) {
  await selectEngine();
  const folder = temporaryFolder(t);
  const image = join(folder, 'square.png');
  const data = Buffer.alloc(40 * 30 * 3, 40);
  for (let y = 8; y < 20; y++) data.fill(220, (y * 40 + 10) * 3, (y * 40 + 24) * 3);
  await sharp(data, {raw: {width: 40, height: 30, channels: 3}})
    .png()
    .toFile(image);
  const checkpoint = join(folder, 'model.safetensors');
  const model = classifier('resnet20', {categories, preprocess});
  await saveCheckpoint(model, checkpoint, {metrics: {}});
  return {folder, image, checkpoint, out: join(folder, 'seen')};
}

for (const [method, more, subject] of [
  ['gradcam', [], /checks|columns|rows/],
  ['gradcam', ['--layer', 'layer2', '--class', 'rows'], /rows/],
  ['saliency', ['--class', '1'], /columns/],
  ['occlusion', ['--size', '16', '--stride', '16'], /checks|columns|rows/],
  ['guided', ['--layer', 'layer1', '--channel', '0'], /layer1, map 0/],
  ['deconvnet', ['--class', 'checks'], /checks/],
  ['activations', ['--layer', 'layer3'], /layer3/],
  ['top-regions', ['--layer', 'layer1', '--channel', '3,5', '--count', '1'], /layer1/],
] as const) {
  test.serial(`explain draws ${method} ${more.join(' ')}`, async t => {
    const {image, checkpoint, out} = await given(t);
    const {code, stdout, stderr} = await foveal(
      'explain',
      ...['--checkpoint', checkpoint, '--method', method, ...more, image, '--out', out, '--json'],
    );
    t.is(code, 0, stderr);
    const [told, ...others] = JSON.parse(stdout) as {method: string; subject: string; picture: string}[];
    t.is(others.length, 0);
    t.is(told.method, method);
    t.regex(told.subject, subject);
    const {format, width, height} = await sharp(told.picture).metadata();
    t.is(format, 'png');
    t.true(width > 200 && height > 150, `${width} × ${height}`);
  });
}

test.serial(
  'filters need no image, kernels no model, and a folder with a broken image ends with 1',
  async t => {
    const {folder, image, checkpoint, out} = await given(t);
    const filters = await foveal('explain', '--checkpoint', checkpoint, '--method', 'filters', '--out', out);
    t.is(filters.code, 0, filters.stderr);
    t.is(filters.stdout, `the first layer of resnet20\t${join(out, 'resnet20-filters.png')}\n`);
    const images = join(folder, 'images');
    mkdirSync(images);
    writeFileSync(join(images, 'broken.png'), 'no image');
    const kernels = await foveal('explain', '--method', 'kernels', image, images, image, '--out', out);
    t.is(kernels.code, 1);
    t.regex(kernels.stderr, /broken\.png/);
    t.deepEqual(
      kernels.stdout
        .trim()
        .split('\n')
        .map(line => line.split('\t').at(-1)),
      [join(out, 'square-kernels.png'), join(out, 'square-kernels-2.png')],
    );
  },
);

for (const [what, argv, message] of [
  ['no method', ['a.png', '--out', 'x'], /explain needs one more option:\n {2}--method/],
  ['a method that there is not', ['a.png', '--method', 'gradcamm', '--out', 'x'], /Did you mean "gradcam"\?/],
  [
    'no model',
    ['a.png', '--method', 'saliency', '--out', 'x'],
    /--checkpoint FILE, or --model NAME --weights FILE/,
  ],
  ['no image', ['--method', 'saliency', '--out', 'x'], /saliency needs an image/],
  ['an image for filters', ['a.png', '--method', 'filters', '--out', 'x'], /filters takes no image/],
  [
    'a model for kernels',
    ['a.png', '--method', 'kernels', '--model', 'alexnet', '--out', 'x'],
    /kernels are fixed/,
  ],
  [
    'an option of another method',
    ['a.png', '--method', 'gradcam', '--size', '3', '--out', 'x'],
    /--size is for occlusion, not for gradcam/,
  ],
  [
    'a unit without its layer',
    ['a.png', '--method', 'guided', '--channel', '3', '--out', 'x'],
    /needs its --layer/,
  ],
] as const) {
  test.serial(`explain refuses ${what}`, async t => {
    const {code, stderr} = await foveal('explain', ...argv);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  });
}

test.serial('explain names the nearest layer and category where there is none of that name', async t => {
  const {image, checkpoint, out} = await given(t);
  const run = (...more: string[]) =>
    foveal('explain', '--checkpoint', checkpoint, '--method', 'gradcam', image, '--out', out, ...more);
  const layer = await run('--layer', 'layer33');
  t.is(layer.code, 1);
  t.regex(layer.stderr, /no layer "layer33"\. Did you mean layer3/);
  const category = await run('--class', 'row');
  t.regex(category.stderr, /no category "row"\. Did you mean "rows"\?/);
});

test.serial('models --summary lists layers, for people and as JSON', async t => {
  const {code, stdout, stderr} = await foveal('models', 'alexnet_paper', '--summary');
  t.is(code, 0, stderr);
  t.regex(stdout, /^alexnet_paper on 227 × 227 × 3\n/);
  t.regex(stdout, /features\.0 +Conv2d +55 × 55 × 96 +34,944 +105,415,200 +11 +4\n/);
  t.regex(stdout, /in all +60,965,224 +724,406,816\n/);
  const json = JSON.parse(
    (await foveal('models', 'resnet20', '--summary', '--image-size', '33', '--json')).stdout,
  );
  t.deepEqual(json.inputShape, [33, 33, 3]);
  t.is(json.parameters, 269_722);
  t.deepEqual(json.layers[0].field, {size: [3, 3], stride: [1, 1], start: [-1, -1]});
  t.regex(
    (await foveal('models', 'resnet18', '--summary')).stdout,
    /conv1 .*stride leaves out 1 row, 1 column\n/,
  );
});

test.serial('models --summary needs a name that there is', async t => {
  t.regex((await foveal('models', '--summary')).stderr, /need the name of a model/);
  t.regex((await foveal('models', 'vgg61', '--summary')).stderr, /Did you mean "vgg/);
  t.is((await foveal('models', 'vgg16')).code, 2);
});

test.serial(
  'explain shows of a segmenter what speaks for the pixels of a category, and says what it cannot',
  async t => {
    const {folder, image, out} = await given(t);
    const checkpoint = join(folder, 'unet.safetensors');
    const model = segmenter('unet', {options: {channels: 4, depth: 2}, categories, preprocess});
    await saveCheckpoint(model, checkpoint, {metrics: {}});
    const run = (method: string, ...more: string[]) =>
      foveal(
        'explain',
        '--checkpoint',
        checkpoint,
        '--method',
        method,
        image,
        '--out',
        out,
        '--json',
        ...more,
      );
    for (const [method, ...more] of [
      ['gradcam'],
      ['gradcam', '--class', 'rows', '--layer', 'down.1'],
      ['saliency'],
      ['activations'],
    ]) {
      const {code, stdout, stderr} = await run(method, ...more);
      t.is(code, 0, stderr);
      const [{subject}] = JSON.parse(stdout) as {subject: string}[];
      t.regex(subject, method === 'activations' ? /^down\.2$/ : /checks|columns|rows/);
    }
    const {code, stderr} = await run('occlusion');
    t.is(code, 2);
    t.regex(
      stderr,
      /segmentation: --method occlusion explains classifiers\. Possible here: gradcam, saliency/,
    );
  },
);
