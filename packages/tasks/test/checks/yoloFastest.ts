// Yolo-Fastest's published weights against what OpenCV makes of them.
// Usage: node --import=tsx --conditions=@foveal/source packages/tasks/test/checks/yoloFastest.ts WEIGHTS PHOTOS
// WEIGHTS holds NAME.cfg, NAME.weights and coco.names; PHOTOS the images and expected-yolo-fastest.json.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import {decodeImage} from '@foveal/data';
import {loadDarknetWeights, readCfg} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {Yolo} from '../../src/detection/yolo/yolo.js';

interface Expected {
  class: string;
  score: number;
  /** `[x, y, width, height]` in pixels of the image. */
  box: [number, number, number, number];
}

const [weights, photos] = process.argv.slice(2);
if (!weights || !photos) throw new Error('Usage: yoloFastest.ts WEIGHTS PHOTOS');

await selectEngine();
const names = readFileSync(join(weights, 'coco.names'), 'utf8').trim().split('\n');
const {note: _, ...models} = JSON.parse(
  readFileSync(join(photos, 'expected-yolo-fastest.json'), 'utf8'),
) as Record<string, Record<string, Expected[]>>;
let failures = 0;

for (const [model, images] of Object.entries(models)) {
  const yolo = new Yolo(await readCfg(join(weights, `${model}.cfg`)), {scoreThreshold: 0.3, suppress: 'all'});
  await loadDarknetWeights(yolo.network, join(weights, `${model}.weights`));
  yolo.eval();
  let [leastIou, mostScore] = [1, 0];
  for (const [file, expected] of Object.entries(images)) {
    const image = await decodeImage(join(photos, file));
    const {images: input, placements} = yolo.imageTransform.toInput([image]);
    const [found] = yolo.detect(input, placements);
    const [boxes, scores, labels] = [found.boxes, found.scores, found.labels].map(x => x.dataSync());
    const [scaleY, scaleX] = placements[0].scale;
    if (scores.length !== expected.length) {
      failures++;
      console.log(`${model} ${file}: ${expected.length} boxes expected, got ${scores.length}`);
    }
    expected.forEach((box, i) => {
      const own = [0, 1, 2, 3].map(c => boxes[4 * i + c] / (c % 2 ? scaleY : scaleX));
      const iou = overlap(own, [box.box[0], box.box[1], box.box[0] + box.box[2], box.box[1] + box.box[3]]);
      const difference = Math.abs(scores[i] - box.score);
      const good = iou >= 0.95 && difference <= 0.01 && names[labels[i]] === box.class;
      if (!good) failures++;
      leastIou = Math.min(leastIou, iou);
      mostScore = Math.max(mostScore, difference);
      const mark = good ? '' : '  WRONG';
      console.log(
        `${model} ${file} ${box.class}: IoU ${iou.toFixed(4)}, score ${scores[i]?.toFixed(4)} against ${box.score}${mark}`,
      );
    });
    tf.dispose([input, found.boxes, found.scores, found.labels]);
  }
  console.log(
    `${model}: least IoU ${leastIou.toFixed(4)}, largest difference of scores ${mostScore.toFixed(4)}`,
  );
  yolo.dispose();
}
if (failures > 0) console.log(`${failures} failures`);
process.exitCode = failures > 0 ? 1 : 0;

function overlap(a: readonly number[], b: readonly number[]): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (!(width > 0 && height > 0)) return 0;
  const area = (box: readonly number[]) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}
