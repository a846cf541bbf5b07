// CamVid's road scenes (480 × 360, here halved; 11 classes), 68 images to learn from and 16 to judge by: what pretrained
// features are worth. A U-Net on SqueezeNet from ImageNet's weights, the same from scratch, and an FCN-8s on the same
// encoder.
//   node --import=tsx packages/tasks/recipes/roadScenes.ts camvid squeezenet1_1.safetensors runs/roadScenes
// Twelve epochs each, 204 steps of four crops; minutes of one core that other programs shared (libtorch 1.13 on a CPU):
//   |         | starts from        | mean IoU | pixels  | minutes |
//   | U-Net   | ImageNet's weights | 41.25 %  | 86.71 % | 10.6    |
//   | U-Net   | scratch            | 29.44 %  | 72.11 % | 10.6    |
//   | FCN-8s  | ImageNet's weights | 40.24 %  | 83.18 % | 2.2     |
// One run each. The FCN computes nothing at full resolution, which is why it is quick.
import {join} from 'node:path';
import {Random, selectEngine} from '@foveal/core';
import {
  colorJitter,
  compose,
  type Dataset,
  maskFolder,
  randomCrop,
  randomFlip,
  resize,
  type Sample,
} from '@foveal/data';
import {squeezeNet1_1} from '@foveal/models';
import {EncoderFcn, EncoderUNet, evaluate, segmentationModels, segmenter, train} from '@foveal/tasks';

const [folder, weights, out = 'runs/roadScenes', epochs = '12'] = process.argv.slice(2);
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
/** At half the resolution, kept in memory. */
async function part(name: string): Promise<Dataset> {
  const masks = join(folder, `${name}annot`);
  const files = await maskFolder(join(folder, name), {masks, categories, ignore: [11]});
  const half = resize({size: [180, 240]});
  const all: Sample[] = [];
  for (let i = 0; i < files.length; i++) all.push(half(await files.get(i), new Random(i)));
  return {length: all.length, categories, get: async index => all[index]};
}
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

console.log(`${judged.length} images, ${epochs} epochs, ${engine.name}\n`);
console.log('form   start     mean IoU    pixels  minutes');
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
  const begun = performance.now();
  await train(task, training, {
    epochs: Number(epochs),
    batchSize: 4,
    optimizer: 'adam',
    learningRate: 1e-3,
    weightDecay: 0,
    augment: compose(
      randomCrop({size: [176, 224]}),
      randomFlip(),
      colorJitter({brightness: 0.3, contrast: 0.3}),
    ),
    validation: judged,
    out: join(out, `${form}-${start}`),
    overwrite: true,
  });
  const minutes = (performance.now() - begun) / 60_000;
  task.model.eval();
  const {meanIou, pixelAccuracy} = await evaluate(task, judged);
  const percent = (value: number | null) => `${(100 * (value ?? 0)).toFixed(2)} %`.padStart(9);
  console.log(
    `${form.padEnd(6)} ${start.padEnd(8)} ${percent(meanIou)} ${percent(pixelAccuracy)} ${minutes.toFixed(1).padStart(8)}`,
  );
  task.model.dispose();
}
