import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import type {DetectionMetrics} from '../../src/detection/detectionMetrics.js';
import type {MeasuredImage} from '../../src/detection/measuredImage.js';
import {worstErrors} from '../../src/detection/worstErrors.js';
import {writeDetectionReport} from '../../src/detection/writeDetectionReport.js';
import {shapes} from '../support/shapes.js';
import {temporaryFolder} from '../support/temporaryFolder.js';

type Object = [box: number[], label: number];

const measured = (
  labelled: Object[],
  found: [box: number[], label: number, score: number][],
  more: {crowd?: number[]; difficult?: number[]} = {},
): MeasuredImage => ({
  labelled: {
    boxes: Float32Array.from(labelled.flatMap(([box]) => box)),
    labels: Int32Array.from(labelled, ([, label]) => label),
    size: [48, 48],
    file: 'a.png',
    ...(more.crowd && {crowd: Uint8Array.from(more.crowd)}),
    ...(more.difficult && {difficult: Uint8Array.from(more.difficult)}),
  },
  found: {
    boxes: Float32Array.from(found.flatMap(([box]) => box)),
    labels: Int32Array.from(found, ([, label]) => label),
    scores: Float32Array.from(found, ([, , score]) => score),
  },
});

const left = [0, 0, 10, 10];
const right = [30, 30, 46, 46];

const cases: [string, MeasuredImage, string[]][] = [
  ['what is right', measured([[left, 0]], [[left, 0, 0.9]]), []],
  ['a missed object', measured([[left, 0]], []), ['missed']],
  ['a claim of little confidence', measured([], [[left, 0, 0.2]]), []],
  [
    'a claim where nothing is',
    measured(
      [[left, 0]],
      [
        [left, 0, 0.9],
        [right, 0, 0.8],
      ],
    ),
    ['nothing there'],
  ],
  ['a box that lies badly', measured([[left, 0]], [[[4, 4, 14, 14], 0, 0.9]]), ['badly placed', 'missed']],
  ['a wrong category', measured([[left, 0]], [[left, 1, 0.9]]), ['wrong category']],
  [
    'one object twice',
    measured(
      [[left, 0]],
      [
        [left, 0, 0.9],
        [[0, 0, 10, 9], 0, 0.8],
      ],
    ),
    ['found twice'],
  ],
  ['finds in a crowd', measured([[right, 0]], [[[31, 31, 36, 36], 0, 0.9]], {crowd: [1]}), []],
  ['a missed crowd', measured([[left, 0]], [], {crowd: [1]}), []],
  ['a missed object that is hard', measured([[left, 0]], [], {difficult: [1]}), []],
];
for (const [what, image, kinds] of cases) {
  test(`${what} counts as ${kinds.join(' and ') || 'no error'}`, t => {
    t.deepEqual(
      worstErrors([image])
        .map(({kind}) => kind)
        .sort(),
      [...kinds].sort(),
    );
  });
}

test('the worst of a kind come first', t => {
  const images = [measured([[left, 0]], [[right, 0, 0.5]]), measured([[right, 1]], [[left, 1, 0.95]])];
  const of = (wanted: string) =>
    worstErrors(images).flatMap(({kind, image}) => (kind === wanted ? [image] : []));
  t.deepEqual(of('nothing there'), [1, 0]);
  t.deepEqual(of('missed'), [1, 0]);
});

test('the report has all errors in words, and a sheet of the worst', async t => {
  const folder = temporaryFolder(t);
  const images = [measured([[left, 0]], [[right, 1, 0.5]]), measured([], [])];
  const metrics = {images: 2, AP: 0} as DetectionMetrics;
  const files = await writeDetectionReport(folder, metrics, images, shapes(2));
  t.true(files.every(existsSync));
  const errors = JSON.parse(readFileSync(join(folder, 'errors.json'), 'utf8'));
  t.deepEqual(errors, [
    {kind: 'nothing there', file: 'a.png', found: {category: 'green', box: right, score: 0.5}},
    {kind: 'missed', file: 'a.png', labelled: {category: 'red', box: left}},
  ]);
  t.deepEqual(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')).errors, {
    missed: 1,
    'nothing there': 1,
  });
  t.true((await sharp(join(folder, 'errors.png')).metadata()).width > 300);
});
