// How many labelled objects selective search proposes, and how long it takes:
//
//   node --import=tsx --conditions=@foveal/source packages/tasks/test/checks/proposalRecall.ts FOLDER [MODE] [IMAGES]
//
// FOLDER is in Pascal VOC's layout, or a COCO file whose images are beside it or in PNGImages.
import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {type AnnotatedDataset, coco, voc} from '@foveal/data';
import {bestOverlaps} from '../../src/detection/bestOverlaps.js';
import {searchModes, selectiveSearch} from '../../src/detection/selectiveSearch/selectiveSearch.js';

const [path, mode = 'fast', most = '30'] = process.argv.slice(2);
if (path === undefined || !(mode in searchModes))
  throw new Error('usage: proposalRecall FOLDER [fast | quality] [IMAGES]');

const dataset = await open(path);
const count = Math.min(dataset.length, Number(most));
const limits = [500, 1000, 2000, 4000, Number.POSITIVE_INFINITY];
const found = limits.map(() => 0);
let [objects, boxes, overlap, seconds] = [0, 0, 0, 0];
for (let i = 0; i < count; i++) {
  const {image, boxes: truth = new Float32Array()} = await dataset.get(i);
  const start = performance.now();
  const proposals = selectiveSearch(image, {mode: mode as keyof typeof searchModes});
  seconds += (performance.now() - start) / 1000;
  boxes += proposals.length / 4;
  objects += truth.length / 4;
  limits.forEach((limit, l) => {
    const {overlaps} = bestOverlaps(truth, proposals.subarray(0, 4 * limit));
    found[l] += overlaps.filter(value => value >= 0.5).length;
    if (l === limits.length - 1) overlap += overlaps.reduce((a, b) => a + b, 0);
  });
}
console.log(
  `${count} images, ${objects} objects; ${mode}: ${Math.round(boxes / count)} boxes, ${(seconds / count).toFixed(2)} s an image`,
);
for (const [l, limit] of limits.entries()) {
  console.log(`recall at IoU 0.5 of the first ${limit}: ${(found[l] / objects).toFixed(3)}`);
}
console.log(`mean best overlap: ${(overlap / objects).toFixed(3)}`);

async function open(path: string): Promise<AnnotatedDataset> {
  if (!path.endsWith('.json')) return voc(path, {split: 'val', fix: true});
  const images = join(dirname(path), 'PNGImages');
  return coco(path, {fix: true, ...(existsSync(images) && {images})});
}
