import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {foveal} from '../support/foveal.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

// One image with two objects of 40 × 40, medium by COCO's bounds.
const square = (x: number) => ({
  bbox: [x, 10, 40, 40],
  segmentation: [[x, 10, x + 40, 10, x + 40, 50, x, 50]],
});
const labels = {
  images: [{id: 7, width: 200, height: 100, file_name: 'a.png'}],
  categories: [{id: 3, name: 'cell'}],
  annotations: [10, 100].map((x, i) => ({
    id: i + 1,
    image_id: 7,
    category_id: 3,
    area: 1600,
    iscrowd: 0,
    ...square(x),
  })),
};
const result = (x: number, score: number) => ({image_id: 7, category_id: 3, score, ...square(x)});

function files(t: ExecutionContext, results: object[]): [string, string] {
  const folder = temporaryFolder(t);
  const [truths, predictions] = [join(folder, 'labels.json'), join(folder, 'results.json')];
  writeFileSync(truths, JSON.stringify(labels));
  writeFileSync(predictions, JSON.stringify(results));
  return [predictions, `coco:${truths}`];
}

test.serial('results with boxes and masks are scored by both, by names', async t => {
  // Of the two objects the first is found exactly, the second not: precision is 1 up to half the recall.
  const [predictions, data] = files(t, [result(10, 0.9)]);
  const {code, stdout, stderr} = await foveal('eval', '--predictions', predictions, '--data', data, '--json');
  t.is(code, 0, stderr);
  const scores = JSON.parse(stdout);
  t.deepEqual(scores.on, ['bbox', 'segm']);
  for (const on of ['bbox', 'segm']) {
    t.true(Math.abs(scores[on].AP - 51 / 101) < 1e-12, `${on} ${scores[on].AP}`);
    t.is(scores[on].AR100, 0.5);
    t.is(scores[on].APs, -1);
  }
});

test.serial('curves of boxes and of masks are files of their own', async t => {
  const [predictions, data] = files(t, [result(10, 0.9)]);
  const out = join(temporaryFolder(t), 'out');
  const {code, stderr} = await foveal('eval', '--predictions', predictions, '--data', data, '--out', out);
  t.is(code, 0, stderr);
  for (const name of ['precision-recall.png', 'precision-recall-masks.png'])
    t.true(existsSync(join(out, name)), name);
});

test.serial('results of one kind have their numbers at the top, and curves on request', async t => {
  const boxes = [result(10, 0.9), result(100, 0.8)].map(({segmentation, ...rest}) => rest);
  const [predictions, data] = files(t, boxes);
  const out = join(temporaryFolder(t), 'out');
  const {code, stdout} = await foveal(
    ...['eval', '--predictions', predictions, '--data', data, '--json', '--out', out],
  );
  t.is(code, 0);
  const scores = JSON.parse(stdout);
  t.is(scores.AP, 1);
  t.is(scores.bbox.APm, 1);
  t.false('segm' in scores);
  t.true(existsSync(join(out, 'precision-recall.png')) && existsSync(join(out, 'report.json')));
});

test.serial('people get a table, with a dash where there was nothing to find', async t => {
  const [predictions, data] = files(t, [result(10, 0.9)]);
  const {stdout} = await foveal('eval', '--predictions', predictions, '--data', data, '--on', 'segm');
  t.regex(stdout, /%\s+masks/);
  t.regex(stdout, /AP\s+50\.50/);
  t.regex(stdout, /APs\s+–/);
});

test.serial('what cannot be scored is refused with its place', async t => {
  const [predictions, data] = files(t, [{...result(10, 0.9), image_id: 8}]);
  const {code, stderr} = await foveal('eval', '--predictions', predictions, '--data', data);
  t.is(code, 1);
  t.regex(stderr, /result 0: there is no image 8/);
  const folder = await foveal('eval', '--predictions', predictions, '--data', 'folder:.');
  t.is(folder.code, 2);
  t.regex(folder.stderr, /labels in COCO's format/);
  t.is((await foveal('eval', '--data', data, '--on', 'bbox')).code, 2);
});
