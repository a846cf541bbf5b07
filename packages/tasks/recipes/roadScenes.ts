// CamVid's road scenes (480 × 360, 11 classes), 68 images to learn from and 16 to judge by: what pretrained features are
// worth. A U-Net on SqueezeNet from ImageNet's weights, the same from scratch, and an FCN-8s on the same encoder.
//   node --import=tsx packages/tasks/recipes/roadScenes.ts camvid squeezenet1_1.safetensors runs/roadScenes
// Prints a table of mean IoU and pixel accuracy; not measured yet.
import {join} from 'node:path';
import {Random, selectEngine} from '@foveal/core';
import {colorJitter, compose, maskFolder, randomCrop, randomFlip} from '@foveal/data';
import {squeezeNet1_1} from '@foveal/models';
import {EncoderFcn, EncoderUNet, evaluate, segmentationModels, segmenter, train} from '@foveal/tasks';

const [folder, weights, out = 'runs/roadScenes', epochs = '40'] = process.argv.slice(2);
if (!folder || !weights) {
  console.error(
    'roadScenes: expected the folder with train/, trainannot/, val/ and valannot/, and SqueezeNet’s weights.',
  );
  process.exit(2);
}
const engine = await selectEngine();
const categories = 'Sky Building Pole Road Pavement Tree SignSymbol Fence Car Pedestrian Bicyclist'.split(
  ' ',
);
const part = (name: string) =>
  maskFolder(join(folder, name), {masks: join(folder, `${name}annot`), categories, ignore: [11]});
const [training, judged] = [await part('train'), await part('val')];
const {preprocess} = segmentationModels.unet_encoder;

async function network(form: 'U-Net' | 'FCN', start: 'weights' | 'scratch') {
  const random = new Random(1);
  const options = {numClasses: categories.length, random};
  const backbone = squeezeNet1_1({random});
  const net = form === 'U-Net' ? new EncoderUNet(backbone, options) : new EncoderFcn(backbone, options);
  if (start === 'weights') await net.startEncoder(weights);
  return net;
}

const rows: string[] = [];
for (const [form, start] of [
  ['U-Net', 'weights'],
  ['U-Net', 'scratch'],
  ['FCN', 'weights'],
] as const) {
  const task = segmenter(await network(form, start), {
    categories,
    preprocess,
    losses: {crossEntropy: 1, dice: 0.5},
  });
  await train(task, training, {
    epochs: Number(epochs),
    batchSize: 4,
    optimizer: 'adam',
    learningRate: 1e-3,
    weightDecay: 0,
    augment: compose(
      randomCrop({size: [240, 320]}),
      randomFlip(),
      colorJitter({brightness: 0.3, contrast: 0.3}),
    ),
    validation: judged,
    out: join(out, `${form}-${start}`),
    overwrite: true,
  });
  const {meanIou, pixelAccuracy} = await evaluate(task, judged);
  const percent = (value: number | null) => `${(100 * (value ?? 0)).toFixed(2)} %`.padStart(9);
  rows.push(`${form.padEnd(6)} ${start.padEnd(8)} ${percent(meanIou)} ${percent(pixelAccuracy)}`);
  task.model.dispose();
}
console.log(`${judged.length} images, ${epochs} epochs, ${engine.name}\n`);
console.log(`form   start     mean IoU    pixels\n${rows.join('\n')}`);
