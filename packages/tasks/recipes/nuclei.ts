// Nuclei of the Data Science Bowl 2018 (256 × 256) against their background: 140 images to learn from, 25 to judge by.
// A small U-Net on parts of 192 × 192, cross-entropy and Dice.
//   node --import=tsx packages/tasks/recipes/nuclei.ts dsb2018-nuclei runs/nuclei
// Wanted: an IoU of the nuclei of 0.85; not measured yet.
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import {compose, instanceMasks, randomCrop, randomFlip} from '@foveal/data';
import {classMapsOfMasks, evaluate, segmenter, train} from '@foveal/tasks';

const [folder, out = 'runs/nuclei', steps = '800', channels = '16'] = process.argv.slice(2);
if (!folder) {
  console.error('nuclei: the first argument is the folder with stage1_train/, train.txt and dev.txt.');
  process.exit(2);
}
const engine = await selectEngine();
const part = async (list: string) =>
  classMapsOfMasks(
    await instanceMasks(join(folder, 'stage1_train'), {category: 'nucleus', list: join(folder, list)}),
  );
const [training, judged] = [await part('train.txt'), await part('dev.txt')];
const task = segmenter('unet', {
  categories: training.categories,
  options: {channels: Number(channels), batchNorm: true, dropout: 0.2},
  losses: {crossEntropy: 1, dice: 1},
});
await train(task, training, {
  steps: Number(steps),
  batchSize: 8,
  optimizer: 'adam',
  learningRate: 2e-3,
  weightDecay: 0,
  augment: compose(randomCrop({size: 192}), randomFlip(), randomFlip({direction: 'vertical'})),
  validation: judged,
  out,
  overwrite: true,
});
const {iou, pixelAccuracy} = await evaluate(task, judged);
const percent = (value: number | null) => `${(100 * (value ?? 0)).toFixed(2)} %`;
console.log(
  `${judged.length} images, ${steps} steps, ${engine.name}: IoU of nuclei ${percent(iou['nucleus'])}, ` +
    `pixel accuracy ${percent(pixelAccuracy)}`,
);
