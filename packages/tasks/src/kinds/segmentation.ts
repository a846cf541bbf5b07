import {z} from 'zod';
import {UsageError} from '../cli/usageError.js';
import {oneOf, wholeNumber} from '../cli/values.js';
import type {Orientations} from '../segmentation/averageOrientations.js';
import type {SegmentationMeter} from '../segmentation/segmentationMeter.js';
import type {SegmentationBuildOptions, SegmentationModelName} from '../segmentation/segmentationModels.js';
import type {Segmenter} from '../segmentation/segmenter.js';
import {count, duration, percent, plural} from '../terminal/format.js';
import {table} from '../terminal/table.js';
import type {TaskKind} from './taskKind.js';

const lossNames = ['crossEntropy', 'dice', 'jaccard', 'focal'] as const;

/** A class for each pixel. */
export const segmentation: TaskKind<Segmenter> = {
  command: 'segment',
  about: 'a class for each pixel',
  trainExamples: [
    'segment --model unet --data masks:cells/images --masks cells/masks --categories ground,cell --out runs/cells',
    'segment --model unet_encoder --encoder resnet18 --encoder-weights resnet18.pth --data masks:roads/train ' +
      '--masks roads/masks --categories classes.txt --ignore 255 --augment crop,flip --out runs/roads',
  ],
  options: [
    {
      flags: '--encoder <name>',
      about:
        'of unet_encoder, fcn_encoder, patches: a classifier of foveal models (default: squeezenet1_1, resnet20)',
      on: ['train', 'eval', 'predict'],
      setting: z.string().min(1),
    },
    {
      flags: '--encoder-weights <file>',
      about: 'of unet_encoder and fcn_encoder: weights of the classifier to start from',
      on: ['train'],
      setting: z.string().min(1),
    },
    {
      flags: '--channels <n>',
      about: 'of unet and deconvnet: channels of the first level (default: 64)',
      on: ['train', 'eval', 'predict'],
      parse: wholeNumber(1),
      setting: z.int().min(1),
    },
    {
      flags: '--loss <names>',
      about: `what to minimise, the sum of several: ${lossNames.join(', ')} (default: crossEntropy)`,
      on: ['train'],
      setting: z.string().min(1),
    },
    {
      flags: '--border-weights <category>',
      about: 'make the gaps between connected regions of this category count more, as U-Net does',
      on: ['train'],
      setting: z.string().min(1),
    },
    {
      flags: '--tile <n>',
      about: 'longest side that the network sees at once; larger images are cut (default: 1024)',
      on: ['train', 'eval', 'predict'],
      parse: wholeNumber(8),
      setting: z.int().min(8),
    },
    {
      flags: '--orientations <n>',
      about: 'average so many mirrored and turned views of each image: 2, 4 or 8 (default: 1)',
      on: ['eval', 'predict'],
      parse: oneOf([1, 2, 4, 8]),
    },
    {
      flags: '--index-masks <folder>',
      about: 'write a PNG with the category of each pixel for each image',
      on: ['predict'],
    },
  ],
  trainDefaults: {batchSize: 4, optimizer: 'adam', learningRate: 1e-3, weightDecay: 0},
  augmentations: {
    flip: {
      about: 'mirrored',
      make: async () => (await import('@foveal/data')).randomFlip(),
    },
    crop: {
      about: "a part of the size of the network's tiles, or 256 pixels if that is less",
      async make(_dataset, {description: {preprocess}}) {
        const {randomCrop} = await import('@foveal/data');
        const [height, width] = (preprocess?.inputSize ?? [256, 256]).map(side => Math.min(256, side));
        return randomCrop({size: [height, width]});
      },
    },
    scale: {
      about: 'made larger or smaller by up to a half, and turned by up to 10 degrees',
      async make() {
        const {randomAffine} = await import('@foveal/data');
        return randomAffine({scale: [0.5, 1.5], degrees: 10});
      },
    },
    jitter: {
      about: 'brightness, contrast, saturation and hue changed',
      async make() {
        const {colorJitter} = await import('@foveal/data');
        return colorJitter({brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.03});
      },
    },
  },
  async modelNames() {
    const {segmentationModels} = await import('../segmentation/segmentationModels.js');
    return Object.keys(segmentationModels);
  },
  async build({model, categories, seed, preprocess, options: given}) {
    const {segmentationModels} = await import('../segmentation/segmentationModels.js');
    const {segmenter} = await import('../segmentation/segmenter.js');
    const {parsePreprocess} = await import('../cli/preprocessOption.js');
    const name = model as SegmentationModelName;
    const usual = segmentationModels[name].preprocess;
    const task = segmenter(name, {
      categories,
      seed,
      options: buildOptions(name, given),
      losses: lossesIn(given['loss']),
      border: borderIn(given['borderWeights'], categories),
      tile: typeof given['tile'] === 'number' ? given['tile'] : undefined,
      ...(preprocess !== undefined && {preprocess: parsePreprocess(preprocess, usual)}),
    });
    const file = given['encoderWeights'];
    if (typeof file === 'string') await startEncoder(task, file);
    return task;
  },
  async restore({model, options, categories, preprocess}) {
    const {segmenter} = await import('../segmentation/segmenter.js');
    return segmenter(model as SegmentationModelName, {categories, options, preprocess});
  },
  async combine(tasks, {tile, orientations}) {
    if (tasks.length > 1)
      throw new UsageError('several --checkpoint: segmenters are not averaged; give one.');
    const [{prediction}] = tasks;
    if (typeof tile === 'number') prediction.tile = tile;
    if (orientations !== undefined) prediction.orientations = orientations as Orientations;
    return tasks[0];
  },
  scoreText: score => `mean IoU ${percent(score, 2)}`,
  evaluation: ({pixelAccuracy, meanAccuracy, meanIou, iou, images, pixels}, seconds) =>
    `mean IoU ${share(meanIou)} · pixel accuracy ${share(pixelAccuracy)} · mean accuracy ${share(meanAccuracy)} · ` +
    `${count(pixels)} pixels of ${plural(images, 'image')} in ${duration(seconds)}\n\n` +
    table(
      ['category', 'IoU'],
      Object.entries(iou).map(([name, value]) => [name, share(value)]),
    ),
  async writeReport(folder, {report, meter, task}) {
    const {writeSegmentationReport} = await import('../segmentation/writeSegmentationReport.js');
    const {confusion} = meter as SegmentationMeter;
    return writeSegmentationReport(folder, report, confusion, task.description.categories);
  },
  async predictions(task, {indexMasks}) {
    const {segmentationOutput} = await import('../segmentation/segmentationOutput.js');
    const folder = typeof indexMasks === 'string' ? indexMasks : undefined;
    return segmentationOutput(task.description.categories, folder);
  },
};

const share = (value: number | null) => (value === null ? '–' : percent(value, 2));

/** Settings of the network itself; a checkpoint knows them. */
function buildOptions(
  model: SegmentationModelName,
  {encoder, channels}: Readonly<Record<string, unknown>>,
): Omit<SegmentationBuildOptions, 'random'> {
  const withEncoder = ['unet_encoder', 'fcn_encoder', 'patches'];
  if (typeof encoder === 'string' && !withEncoder.includes(model)) {
    throw new UsageError(`--encoder is for ${withEncoder.join(', ')}; ${model} has an encoder of its own.`);
  }
  return {
    ...(typeof encoder === 'string' && {encoder}),
    ...(typeof channels === 'number' && {channels}),
  };
}

function lossesIn(given: unknown): Partial<Record<(typeof lossNames)[number], number>> {
  if (typeof given !== 'string') return {crossEntropy: 1};
  const names = given.split(',').map(name => name.trim());
  const unknown = names.filter(name => !lossNames.some(one => one === name));
  if (unknown.length === 0) return Object.fromEntries(names.map(name => [name, 1]));
  throw new UsageError(`--loss ${given}: expected ${lossNames.join(', ')} with commas between them.`);
}

function borderIn(given: unknown, categories: readonly string[]) {
  if (typeof given !== 'string') return undefined;
  const object = categories.indexOf(given);
  if (object >= 0) return {object};
  throw new UsageError(`--border-weights ${given}: expected one of ${categories.join(', ')}.`);
}

async function startEncoder({model}: Segmenter, file: string): Promise<void> {
  const {EncoderFcn} = await import('../segmentation/encoderFcn.js');
  const {EncoderUNet} = await import('../segmentation/encoderUNet.js');
  if (!(model instanceof EncoderUNet || model instanceof EncoderFcn)) {
    throw new UsageError(
      '--encoder-weights is for unet_encoder and fcn_encoder; give other networks --weights.',
    );
  }
  await model.startEncoder(file);
}
