// Mask R-CNN on a pyramid over SqueezeNet 1.1, pretrained on ImageNet, to find and cut out pedestrians (Penn-Fudan in
// COCO's form: 70 images to learn from, 14 with 33 people to judge by). Shorter side 320, batch 2, SGD with a highest rate
// of 0.01, cosine.
//   node --import=tsx packages/tasks/recipes/pennFudanMaskRcnn.ts PennFudan squeezenet1_1.safetensors runs/pedestrians 600 1
// The last two are steps and seed; the weights are Caffe's (bytes, blue first, minus a mean). 300 steps take four minutes
// or more on two cores; the process stays below 1.6 GB. peers/pennFudanMaskRcnn.py is torchvision 0.14 on the same data,
// backbone, steps and rates. COCO's AP after 600 steps, seeds 1, 2 and 3, scored by foveal eval:
//   |             | boxes               | mean  | masks               | mean  |
//   | here        | 0.461, 0.542, 0.520 | 0.508 | 0.382, 0.459, 0.423 | 0.421 |
//   | torchvision | 0.506, 0.461, 0.497 | 0.488 | 0.425, 0.390, 0.418 | 0.411 |
// The means lie 0.020 and 0.010 apart; seeds move a run by four times as much.
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Random, rleToString, selectEngine} from '@foveal/core';
import {type CocoDataset, coco, randomFlip} from '@foveal/data';
import {type Detector, detector, evaluate, maskRcnn, train} from '@foveal/tasks';
import {caffeNormalisation, caffeSqueezeNet} from './caffeSqueezeNet.ts';

const [folder, weights, out = 'runs/pennFudanMaskRcnn', steps = '600', seed = '1'] = process.argv.slice(2);
if (!folder || !weights) {
  console.error(
    'pennFudanMaskRcnn: name the folder of Penn-Fudan, and a .safetensors file of SqueezeNet 1.1.',
  );
  process.exit(2);
}
await selectEngine();
const images = join(folder, 'PNGImages');
const training = await coco(join(folder, 'instances_train.json'), {images});
const validation = await coco(join(folder, 'instances_dev.json'), {images});

const backbone = await caffeSqueezeNet(weights);
const network = maskRcnn(backbone, {
  categories: training.categories.length,
  minSize: 320,
  maxSize: 533,
  ...caffeNormalisation,
  frozenStages: 1,
  channels: 64,
  representation: 512,
  maskLayers: [64, 64, 64, 64],
  proposals: {
    beforeNms: {training: 1000, prediction: 500},
    afterNms: {training: 500, prediction: 200},
  },
  rois: {perImage: 128},
  random: new Random(Number(seed)),
});
const task = detector(network, {categories: training.categories, name: 'maskrcnn'});
const started = performance.now();
await train(task, training, {
  steps: Number(steps),
  batchSize: 2,
  optimizer: 'sgd',
  learningRate: 0.01,
  warmup: 1,
  weightDecay: 1e-4,
  clipNorm: 10,
  augment: randomFlip(),
  out,
  overwrite: true,
  seed: Number(seed),
});
const minutes = (performance.now() - started) / 60_000;
const meter = task.meter();
const metrics = await evaluate(task, validation, {meter});
console.log(
  `${minutes.toFixed(1)} minutes; boxes: AP ${metrics.AP.toFixed(3)}, AP50 ${metrics.AP50.toFixed(3)}; ` +
    `masks: AP ${metrics.maskAP?.toFixed(3)}, AP50 ${metrics.masks?.AP50.toFixed(3)}`,
);
writeFileSync(join(out, 'metrics.json'), `${JSON.stringify({minutes, ...metrics}, null, 2)}\n`);
writeFileSync(join(out, 'results.json'), `${JSON.stringify(cocoResults(meter, validation))}\n`);

/** What was found, in COCO's results format. */
function cocoResults(
  {images}: ReturnType<Detector['meter']>,
  {imageIds, categoryIds}: CocoDataset,
): object[] {
  return images.flatMap(({found: {boxes, labels, scores, masks}}, i) =>
    Array.from(labels, (label, k) => {
      const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
      const mask = masks![k];
      return {
        image_id: imageIds[i],
        category_id: categoryIds[label],
        score: scores[k],
        bbox: [x1, y1, x2 - x1, y2 - y1],
        segmentation: {size: [mask.height, mask.width], counts: rleToString(mask)},
      };
    }),
  );
}
