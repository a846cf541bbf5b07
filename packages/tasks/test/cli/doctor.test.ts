import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import sharp from 'sharp';
import {encodePng} from '../../src/draw/encodePng.js';
import {foveal} from '../support/foveal.js';
import {patterns, writeFolder} from '../support/patterns.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

const grey = (width: number, height: number, value = (_: number) => 128) => ({
  data: Uint8Array.from({length: width * height}, (_, i) => value(i)),
  width,
  height,
  channels: 1 as const,
});

async function doctor(t: ExecutionContext, data: string, ...more: string[]) {
  const out = join(temporaryFolder(t), 'out');
  const {code, stdout, stderr} = await foveal('doctor', '--data', data, '--out', out, '--json', ...more);
  t.notRegex(stderr, /\n\s+at /);
  return {code, out, report: JSON.parse(stdout)};
}

test.serial('a sound folder has counts, sizes and a contact sheet, and exits with 0', async t => {
  const folder = temporaryFolder(t);
  await writeFolder(patterns(12), folder);
  const {code, out, report} = await doctor(t, folder);
  t.is(code, 0);
  t.is(report.problems, 0);
  t.deepEqual(
    report.parts[0].categories.map(({count}: {count: number}) => count),
    [4, 4, 4],
  );
  t.deepEqual(report.parts[0].width, {min: 28, median: 28, max: 28});
  t.is((await sharp(report.contactSheet).metadata()).format, 'png');
  t.deepEqual(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')), report);
});

test.serial('an image that cannot be decoded is named, and the exit code is 1', async t => {
  const folder = temporaryFolder(t);
  await writeFolder(patterns(6), folder);
  const broken = join(folder, 'rows', 'cut.png');
  writeFileSync(broken, readFileSync(join(folder, 'rows', '2.png')).subarray(0, 150));
  const {code, report} = await doctor(t, folder);
  t.is(code, 1);
  t.is(report.parts[0].problems[0].file, broken);
  t.deepEqual(report.parts[0].images, {usable: 6, total: 7});
  const {stdout} = await foveal('doctor', '--data', folder, '--samples', '0', '--out', join(folder, 'x.png'));
  t.regex(stdout, /1 problem:\n.*cut\.png: /);
});

test.serial('boxes are checked by annotation, and images found in the folder beside', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'pictures'));
  mkdirSync(join(folder, 'annotations'));
  writeFileSync(join(folder, 'pictures', 'a.png'), await encodePng(grey(40, 30)));
  const file = join(folder, 'annotations', 'instances.json');
  const box = (id: number, bbox: number[]) => ({
    ...{id, image_id: 1, category_id: 2, iscrowd: 0, area: bbox[2] * bbox[3], bbox},
  });
  writeFileSync(
    file,
    JSON.stringify({
      images: [{id: 1, width: 40, height: 30, file_name: 'a.png'}],
      categories: [{id: 2, name: 'cat'}],
      annotations: [box(5, [1, 2, 10, 10]), box(6, [3, 3, 0, 0])],
    }),
  );
  const {code, report} = await doctor(t, `coco:${file}`);
  t.is(code, 1);
  t.is(report.parts[0].objects, 1);
  t.is(report.problems, 1);
  t.is(report.parts[0].problems[0].place, 'annotation 6');
});

test.serial('masks take the values of their categories from the command line', async t => {
  const folder = temporaryFolder(t);
  for (const name of ['images', 'masks']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'images', '1.png'), await encodePng(grey(8, 4)));
  writeFileSync(
    join(folder, 'masks', '1.png'),
    await encodePng(grey(8, 4, i => (i < 10 ? 0 : i < 30 ? 200 : 11))),
  );
  const {code, report} = await doctor(
    t,
    `masks:${join(folder, 'images')}`,
    ...['--masks', join(folder, 'masks'), '--categories', 'wall=0,cell=200', '--ignore', '11'],
  );
  t.is(code, 0);
  t.deepEqual(
    report.parts[0].categories.map(({pixels}: {pixels: number}) => pixels),
    [10, 20],
  );
  t.is((await foveal('doctor', '--data', `masks:${folder}`)).code, 2);
});

test.serial('each object has its mask in a file of its own, or all have one', async t => {
  const folder = temporaryFolder(t);
  const scan = join(folder, 'scan');
  for (const name of ['images', 'masks']) mkdirSync(join(scan, name), {recursive: true});
  writeFileSync(join(scan, 'images', 'scan.png'), await encodePng(grey(8, 8)));
  for (const from of [0, 40]) {
    const mask = grey(8, 8, i => (i >= from && i < from + 8 ? 255 : 0));
    writeFileSync(join(scan, 'masks', `${from}.png`), await encodePng(mask));
  }
  const each = await doctor(t, folder);
  t.is(each.code, 0);
  t.is(each.report.parts[0].objects, 2);

  const masks = join(folder, 'index');
  mkdirSync(masks);
  writeFileSync(join(masks, 'scan_mask.png'), await encodePng(grey(8, 8, i => Math.floor(i / 16))));
  const images = `instances:${join(scan, 'images')}`;
  const all = await doctor(t, images, '--masks', masks, '--suffix', '_mask', '--categories', 'stripe');
  t.is(all.report.parts[0].objects, 3);
  t.is(all.report.parts[0].categories[0].name, 'stripe');
});
