// COCO's twelve numbers of 5,000 images with 100 detections and 7 labels each in 80 categories. pycocotools took 53 s for
// that on two cores; the bound is ten seconds. Most detections are near a label, so that there is something to match.
import {Random} from '@foveal/core';
import {type CocoDetection, type CocoTruth, cocoEval} from '@foveal/data';
import {compare, timed} from './support.ts';

const random = new Random(1);
const [images, categoryCount, labelled, detected] = [5000, 80, 7, 100];
const categories = new Map(Array.from({length: categoryCount}, (_, id) => [id, `category ${id}`]));
const truths: CocoTruth[] = [];
const detections: CocoDetection[] = [];
for (let imageId = 0; imageId < images; imageId++) {
  const own = Array.from({length: labelled}, (): CocoTruth => {
    const [width, height] = [8 + 200 * random.next(), 8 + 200 * random.next()];
    const bbox = [random.next() * (640 - width), random.next() * (480 - height), width, height];
    const crowd = random.next() < 0.01;
    return {imageId, categoryId: random.int(categoryCount), bbox, area: 0.7 * width * height, crowd};
  });
  truths.push(...own);
  for (let d = 0; d < detected; d++) {
    const {categoryId, bbox: near} = own[random.int(labelled)];
    const shift = () => 40 * (random.next() - 0.5);
    const bbox = [near[0] + shift(), near[1] + shift(), near[2], near[3]];
    const area = near[2] * near[3];
    detections.push({imageId, categoryId, bbox, area, score: random.next()});
  }
}

await compare({
  name: `scoring ${detections.length.toLocaleString('en')} boxes of ${images.toLocaleString('en')} images in ${categoryCount} categories`,
  peer: 'the ten seconds allowed',
  ours: timed(() => cocoEval(truths, detections, {categories})),
  theirs: () => 10_000,
  rounds: 3,
  warmUp: 0,
});
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
