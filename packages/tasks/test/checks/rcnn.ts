// Compares Faster and Mask R-CNN on a ResNet-50 with a pyramid with torchvision's, both filled by the same formula:
// names, the losses of a step whose samplers take everything, and detections in two images. The weights say nothing,
// so boxes count from a score of 0.02 on; whoever has real weights sees fewer.
// node --import=tsx --conditions=@foveal/source packages/tasks/test/checks/rcnn.ts [folder]
// The folder is one of `fixtures/generate_rcnn.py full FOLDER`, or is made by that (Debian's Python, three minutes).
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {pasteMaskRles, type Rle, rleArea, rleIntersection, selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {fasterRcnnResNet50Fpn} from '../../src/detection/fasterRcnn.js';
import type {RcnnOptions} from '../../src/detection/rcnnParts.js';
import {maskRcnnResNet50Fpn} from '../../src/instance/maskRcnn.js';
import {fillRcnn, picture, targetsFor} from '../detection/filledRcnn.js';

interface Golden {
  parameters: number;
  shapes: Record<string, number[]>;
  input: [number, number];
  sizes: [number, number][];
  losses: Record<string, number>;
  detections: {
    boxes: number[][];
    /** In pixels of the picture. */
    original: number[][];
    scores: number[];
    labels: number[];
    pasted?: number[][];
  }[];
}

const limits = {loss: 1e-3, box: 0.05, score: 1e-4, maskIou: 0.999};
const lossNames = {
  objectness: 'loss_objectness',
  proposal: 'loss_rpn_box_reg',
  category: 'loss_classifier',
  box: 'loss_box_reg',
  mask: 'loss_mask',
};
const pictures = [picture(375, 500, 0), picture(480, 360, 1)];

const {name: engine} = await selectEngine();
console.log(`on ${engine}`);
const folder = process.argv[2] ?? generate();
let failures = 0;
for (const [name, build] of [
  ['faster', fasterRcnnResNet50Fpn],
  ['mask', maskRcnnResNet50Fpn],
] as const) {
  console.log(`\n${name} R-CNN`);
  const golden = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Golden;
  checkLosses(build, golden);
  checkDetections(build, golden);
}
if (failures) process.exitCode = 1;
console.log(failures ? `${failures} figures are beyond their limit` : 'all within their limits');

function generate(): string {
  const made = mkdtempSync(join(tmpdir(), 'foveal-rcnn-'));
  const program = fileURLToPath(new URL('../../../../fixtures/generate_rcnn.py', import.meta.url));
  if (!existsSync('/usr/bin/python3')) throw new Error('This check needs Debian’s python3-torchvision.');
  execFileSync('/usr/bin/python3', [program, 'full', made], {stdio: 'inherit'});
  return made;
}

function report(what: string, value: number, limit: number, least = false): void {
  const good = least ? value >= limit : value <= limit;
  if (!good) failures++;
  console.log(
    `${good ? ' ' : '✘'} ${what}: ${value.toPrecision(4)} (${least ? 'at least' : 'at most'} ${limit})`,
  );
}

function checkLosses(
  build: (options: Partial<RcnnOptions>) => ReturnType<typeof fasterRcnnResNet50Fpn>,
  golden: Golden,
) {
  const everything = 1e7;
  const network = build({
    minSize: 320,
    maxSize: 480,
    proposals: {perImage: everything},
    rois: {perImage: everything},
  });
  const count = network.numParameters();
  console.log(`  ${count.toLocaleString('en')} parameters`);
  if (count !== golden.parameters) failures++;
  fillRcnn(network, golden.shapes, 0.1); // strict: any other name or shape throws
  const {images, placements} = network.imageTransform.toInput(pictures);
  if (String(images.shape.slice(1, 3)) !== String(golden.input)) throw new Error(`input is ${images.shape}`);
  const targets = targetsFor(golden.sizes, golden.input, 90);
  const losses = tf.tidy(() => network.losses({images, placements, targets, files: []}));
  for (const [name, loss] of Object.entries(losses)) {
    const [value] = loss.dataSync();
    const wanted = golden.losses[lossNames[name as keyof typeof lossNames]];
    report(`loss ${name} ${value}, relative difference`, Math.abs(value / wanted - 1), limits.loss);
  }
  tf.dispose([images, losses, targets.flatMap(target => Object.values(target))]);
  network.dispose();
}

function checkDetections(
  build: (options: Partial<RcnnOptions>) => ReturnType<typeof fasterRcnnResNet50Fpn>,
  golden: Golden,
) {
  const network = build({rois: {scoreThreshold: 0.02}});
  fillRcnn(network, golden.shapes, 0.1);
  network.eval();
  const {images, placements} = network.imageTransform.toInput(pictures);
  const found = network.detect(images, placements);
  found.forEach(({boxes, scores, labels, masks}, i) => {
    const wanted = golden.detections[i];
    const [corners, likely, named] = [boxes.arraySync(), scores.arraySync(), labels.arraySync()];
    // Equal scores may come in another order.
    const partner = wanted.boxes.map((box, k) => {
      const distances = corners.map((other, j) =>
        named[j] === wanted.labels[k]
          ? Math.max(...other.map((value, c) => Math.abs(value - box[c])))
          : Infinity,
      );
      return distances.indexOf(Math.min(...distances));
    });
    const apart = wanted.boxes.map((box, k) =>
      Math.max(...box.map((value, c) => Math.abs(value - corners[partner[k]][c]))),
    );
    const off = wanted.scores.map((score, k) => Math.abs(score - likely[partner[k]]));
    console.log(`  image ${i}: ${wanted.scores.length} detections, ${likely.length} here`);
    report('boxes that are not there', apart.filter(distance => distance > limits.box).length, 0);
    report('largest distance of a box in pixels', Math.max(...apart), limits.box);
    report('largest difference of a score', Math.max(...off), limits.score);
    if (masks && wanted.pasted) {
      const {height, width} = pictures[i];
      const [scaleY, scaleX] = placements[i].scale;
      const original = tf.tidy(() =>
        tf.div(boxes, tf.tensor1d([scaleX, scaleY, scaleX, scaleY])),
      ) as tf.Tensor2D;
      const rles = pasteMaskRles(masks, original, {height, width});
      const ious = wanted.pasted.map((counts, k) =>
        iou(rles[partner[k]], {height, width, counts: Uint32Array.from(counts)}),
      );
      report('smallest intersection over union of a mask', Math.min(...ious), limits.maskIou, true);
      original.dispose();
    }
  });
  tf.dispose([images, found]);
  network.dispose();
}

function iou(a: Rle, b: Rle): number {
  const both = rleIntersection(a, b);
  const either = rleArea(a) + rleArea(b) - both;
  return either === 0 ? 1 : both / either;
}
