import {rleFromMask} from '@foveal/core';
import {type CocoDetection, type CocoTruth, cocoCurves, cocoEval} from '@foveal/data';
import test from 'ava';

const categories = new Map([
  [3, 'cell'],
  [5, 'grain'],
  [9, 'dust'],
]);

/** A box of an image of 40 × 40, with a mask of its left part, of `share` of its width. */
function object(imageId: number, categoryId: number, [x, y, w, h]: number[], share = 1): CocoTruth {
  const mask = new Uint8Array(1600);
  for (let row = y; row < y + h; row++) mask.fill(1, row * 40 + x, row * 40 + x + w * share);
  return {
    imageId,
    categoryId,
    bbox: [x, y, w, h],
    area: w * h,
    crowd: false,
    mask: rleFromMask(mask, 40, 40),
  };
}
const found = (truth: CocoTruth, score: number): CocoDetection => ({...truth, score});

const box = [0, 0, 20, 20];
const away = [20, 20, 20, 20];
const truths = [object(1, 3, box), object(2, 3, box), object(1, 5, box)];
const detections = [
  found(object(1, 3, box), 0.9),
  found(object(1, 3, away), 0.8),
  found(object(2, 3, box), 0.7),
  found(object(1, 5, away), 0.5),
  found(object(1, 9, away), 0.5),
];

test('a curve has a point for each detection, the surest first, and no dents', t => {
  const {cell, grain, dust} = cocoCurves(truths, detections, {categories});
  t.deepEqual([...cell.recall], [0.5, 0.5, 1]);
  t.deepEqual([...cell.precision], [1, 2 / 3, 2 / 3]);
  // 51 recall points, 0 to 0.50, at precision 1; 50 at two thirds.
  t.true(Math.abs((cell.AP ?? 0) - (51 + 50 * (2 / 3)) / 101) < 1e-12);
  t.deepEqual([[...grain.recall], [...grain.precision], grain.AP], [[0], [0], 0]);
  t.deepEqual([[...dust.recall], dust.AP], [[], null]);
});

test('the mean of the known areas is AP50, for boxes and for masks', t => {
  // Boxes fit, but the masks of these cover a quarter of the truth's.
  const thin = detections.map(({bbox, imageId, categoryId, score}) =>
    found(object(imageId, categoryId, [...bbox], 0.25), score),
  );
  for (const on of ['bbox', 'segm'] as const) {
    const curves = Object.values(cocoCurves(truths, thin, {on, categories}));
    const known = curves.flatMap(({AP}) => AP ?? []);
    const mean = known.reduce((sum, AP) => sum + AP, 0) / known.length;
    t.true(Math.abs(mean - cocoEval(truths, thin, {on, categories}).AP50) < 1e-12);
    t.is(mean > 0, on === 'bbox');
  }
});
