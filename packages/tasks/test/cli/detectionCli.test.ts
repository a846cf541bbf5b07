import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import {readLog} from '../../src/train/log.js';
import {foveal} from '../support/foveal.js';
import {writePng} from '../support/patterns.js';
import {shapes} from '../support/shapes.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

/** Eight scenes in COCO's format. @returns the file of labels. */
async function writeCoco(folder: string): Promise<string> {
  const dataset = shapes(8, {size: 64, empty: 1});
  mkdirSync(folder, {recursive: true});
  const annotations: object[] = [];
  for (let i = 0; i < dataset.length; i++) {
    const {image, boxes, labels} = await dataset.get(i);
    await writePng(image, join(folder, `${i}.png`));
    labels!.forEach((label, k) => {
      const [x1, y1, x2, y2] = boxes!.subarray(4 * k, 4 * k + 4);
      const bbox = [x1, y1, x2 - x1, y2 - y1];
      annotations.push({
        id: annotations.length + 1,
        image_id: 10 + i,
        category_id: 5 + label,
        bbox,
        area: bbox[2] * bbox[3],
        iscrowd: 0,
      });
    });
  }
  const file = join(folder, 'labels.json');
  const images = Array.from({length: 8}, (_, i) => ({
    id: 10 + i,
    file_name: `${i}.png`,
    width: 64,
    height: 64,
  }));
  const categories = dataset.categories.map((name, i) => ({id: 5 + i, name}));
  writeFileSync(file, JSON.stringify({images, annotations, categories}));
  return file;
}

const settings = [
  'detect',
  '--model',
  'yolo_small',
  '--image-size',
  '64',
  '--batch-size',
  '4',
  '--validation',
  '0.25',
];

test.serial('train, eval and predict find objects, and hand their work on to each other', async t => {
  const folder = temporaryFolder(t);
  const data = await writeCoco(join(folder, 'data'));
  const out = join(folder, 'run');
  const train = ['train', ...settings, '--data', data, '--out', out, '--augment', 'flip,jitter,scale,mosaic'];
  const trained = await foveal(...train, '--epochs', '2', '--json');
  t.is(trained.code, 0, trained.stderr);
  t.is(JSON.parse(trained.stdout).epochs.length, 2);
  const resumed = await foveal(...train, '--epochs', '3', '--resume');
  t.is(resumed.code, 0, resumed.stderr);
  t.is(readLog(join(out, 'log.jsonl')).filter(({type}) => type === 'epoch').length, 3);

  const checkpoint = join(out, 'last.safetensors');
  const measured = join(folder, 'measured');
  const evaluated = await foveal(
    'eval',
    '--checkpoint',
    checkpoint,
    '--data',
    data,
    '--out',
    measured,
    '--json',
  );
  t.is(evaluated.code, 0, evaluated.stderr);
  const report = JSON.parse(evaluated.stdout);
  t.is(report.images, 8);
  t.is(Object.keys(report.boxes).length, 12);
  t.is(report.perClass.length, 2);
  t.true(existsSync(join(measured, 'report.json')));
  t.true(Array.isArray(JSON.parse(readFileSync(join(measured, 'errors.json'), 'utf8'))));
  t.is((await sharp(join(measured, 'precision-recall.png')).metadata()).format, 'png');
  const table = await foveal('eval', '--checkpoint', checkpoint, '--data', data);
  t.regex(table.stdout, /objects in 8 images.*AP50 .*AR100 .*red/s);

  const images = join(folder, 'data');
  const results = join(folder, 'results.json');
  const predict = ['predict', '--checkpoint', checkpoint, images];
  const predicted = await foveal(...predict, '--out', results, '--ids', data);
  t.is(predicted.code, 0, predicted.stderr);
  const found = JSON.parse(readFileSync(results, 'utf8')) as {
    image_id: number;
    category_id: number;
    bbox: number[];
  }[];
  t.true(
    found.every(
      one =>
        one.image_id >= 10 && one.image_id < 18 && [5, 6].includes(one.category_id) && one.bbox.length === 4,
    ),
  );
  // What was written is what was measured.
  const scored = await foveal('eval', '--predictions', results, '--data', data, '--json');
  t.is(scored.code, 0, scored.stderr);
  t.true(Math.abs(JSON.parse(scored.stdout).AP - report.AP) < 1e-3);
  t.regex((await foveal(...predict, '--out', results)).stderr, /is there already.*--overwrite/);

  for (const name of ['results.jsonl', 'results.csv']) {
    const path = join(folder, name);
    t.is((await foveal(...predict, '--out', path, '--min-score', '0')).code, 0);
    const whole = readFileSync(path, 'utf8');
    const cut = whole.slice(0, Math.floor(whole.length * 0.6));
    writeFileSync(path, cut);
    t.is((await foveal(...predict, '--out', path, '--min-score', '0', '--resume')).code, 0);
    t.is(readFileSync(path, 'utf8'), whole, name);
  }
  const drawn = await foveal(...predict, '--out', join(folder, 'pictures'));
  t.is(drawn.code, 0, drawn.stderr);
  t.regex(drawn.stdout, /0\.png {2}(nothing|\d+ (red|green))/);
  for (const name of ['contact-sheet.png', '3.png'])
    t.is((await sharp(join(folder, 'pictures', name)).metadata()).format, 'png');
});

const wrong: [string[], RegExp][] = [
  [['detect', '--model', 'yolo_smal'], /no model "yolo_smal"\. Did you mean "yolo_small"\?/],
  [['detect', '--model', 'resnet20'], /no model "resnet20"/],
  [['detect', '--model', 'rcnn'], /--model rcnn: .* in stages, from a program\. Call trainRcnn\(new Rcnn\(/],
  [['detect', '--model', 'yolo'], /--model yolo needs the network: --cfg FILE/],
  [['detect', '--model', 'yolo', '--cfg', '/nowhere.cfg'], /--cfg \/nowhere\.cfg: cannot be read/],
  [
    ['detect', '--model', 'yolo_small', '--backbone', 'resnet18'],
    /yolo_small has no setting --backbone; it has --image-size/,
  ],
  [
    ['detect', '--model', 'yolo_small', '--label-smoothing', '0.1'],
    /--label-smoothing is for classify; this task is to detect/,
  ],
  [
    ['detect', '--model', 'yolo_small', '--augment', 'flop'],
    /no augmentation "flop"\. Did you mean "flip"\?/,
  ],
  [
    ['instance', '--model', 'fasterrcnn'],
    /no model "fasterrcnn" for instance, but for detect.* There are: maskrcnn/,
  ],
];
for (const [argv, message] of wrong) {
  test.serial(`a wrong command line is refused: foveal train ${argv.join(' ')}`, async t => {
    const folder = temporaryFolder(t);
    const data = await writeCoco(join(folder, 'data'));
    const {code, stderr} = await foveal('train', ...argv, '--data', data, '--out', join(folder, 'x'));
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  });
}

test.serial('data without boxes is refused with what to do', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'data', 'a'), {recursive: true});
  const {image} = await shapes(1).get(0);
  await writePng(image, join(folder, 'data', 'a', '0.png'));
  await writePng(image, join(folder, 'data', 'a', '1.png'));
  const {code, stderr} = await foveal(
    'train',
    ...settings,
    '--validation',
    '0',
    '--data',
    join(folder, 'data'),
    '--out',
    join(folder, 'x'),
  );
  t.is(code, 1);
  t.regex(stderr, /objects are unknown.*coco, voc, yolo/);
});
