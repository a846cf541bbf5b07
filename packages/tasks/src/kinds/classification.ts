import type {CropCount} from '@foveal/data';
import type {ModelName} from '@foveal/models';
import {z} from 'zod';
import type {ClassificationMeter} from '../classification/classificationMeter.js';
import type {Classifier} from '../classification/classifier.js';
import {UsageError} from '../cli/usageError.js';
import {oneOf, positiveNumber, share, wholeNumber} from '../cli/values.js';
import {count, duration, percent, plural} from '../terminal/format.js';
import {table} from '../terminal/table.js';
import {imageAugmentations} from './imageAugmentations.js';
import type {TaskKind} from './taskKind.js';

/** One label for each whole image. */
export const classification: TaskKind<Classifier> = {
  command: 'classify',
  about: 'one label for each whole image',
  trainExamples: [
    '--model lenet5 --data mnist:data/mnist --epochs 3 --optimizer adam --out runs/digits',
    '--model resnet20 --data cifar10:data/cifar10 --augment crop-flip,jitter --mixup 0.2 --out runs/cifar',
    '--model resnet18 --data photos/ --weights resnet18.pth --learning-rate 0.01 --out runs/photos',
  ],
  options: [
    {
      flags: '--label-smoothing <x>',
      about: 'the share of certainty that is spread over all categories',
      on: ['train'],
      parse: share,
      setting: z.number().min(0).lt(1),
    },
    {
      flags: '--mixup <alpha>',
      about: 'blend training images in pairs, e.g. 0.2',
      on: ['train'],
      parse: positiveNumber,
      setting: z.number().positive(),
    },
    {
      flags: '--cutmix <alpha>',
      about: 'put a piece of another image into each, e.g. 1; with --mixup, one of both at random',
      on: ['train'],
      parse: positiveNumber,
      setting: z.number().positive(),
    },
    {
      flags: '--auxiliary',
      about: 'train googlenet with its auxiliary classifiers',
      on: ['train'],
      setting: z.boolean(),
    },
    {
      flags: '--crops <n>',
      about: 'average so many views of each image: 2, 5, 10 or 144 (default: 1)',
      on: ['eval', 'predict'],
      parse: oneOf([1, 2, 5, 10, 144]),
    },
    {
      flags: '--top <n>',
      about: 'categories to name for each image (default: 1)',
      on: ['predict'],
      parse: wholeNumber(1),
    },
  ],
  augmentations: imageAugmentations,
  async modelNames() {
    const {models} = await import('@foveal/models');
    return Object.keys(models);
  },
  async build({model, categories, seed, weights, preprocess, options}) {
    const {models, weightsPreprocess} = await import('@foveal/models');
    const {classifier} = await import('../classification/classifier.js');
    const {parsePreprocess} = await import('../cli/preprocessOption.js');
    const name = model as ModelName;
    // What weights expect of images comes from the user, else from themselves, else from the registry.
    const usual =
      (weights === undefined ? undefined : await weightsPreprocess(weights)) ?? models[name].preprocess;
    const {labelSmoothing, mixup, cutmix, auxiliary} = options;
    if (auxiliary && name !== 'googlenet')
      throw new UsageError(`--auxiliary: ${name} has no auxiliary classifiers; googlenet has.`);
    return classifier(name, {
      categories,
      seed,
      ...(typeof mixup === 'number' && {mixup}),
      ...(typeof cutmix === 'number' && {cutmix}),
      ...(auxiliary === true && {options: {auxiliary}}),
      preprocess: preprocess === undefined ? usual : parsePreprocess(preprocess, usual),
      ...(typeof labelSmoothing === 'number' && {labelSmoothing}),
    });
  },
  async restore({model, options, categories, preprocess}) {
    const {classifier} = await import('../classification/classifier.js');
    return classifier(model as ModelName, {categories, options, ...(preprocess && {preprocess})});
  },
  async combine(tasks, {crops = 1}) {
    if (tasks.length === 1 && crops === 1) return tasks[0];
    const {ensemble} = await import('../classification/ensemble.js');
    return ensemble(tasks, {crops: crops as CropCount});
  },
  scoreText: score => percent(score, 2),
  evaluation: ({top1, top5, loss, images, perClass}, seconds) =>
    `top-1 ${percent(top1, 2)} · top-5 ${percent(top5, 2)} · loss ${loss.toFixed(4)} · ` +
    `${plural(images, 'image')} in ${duration(seconds)}\n\n` +
    table(
      ['category', 'images', 'correct', 'top-1'],
      perClass
        // Of a thousand categories, those that no image shows say nothing.
        .filter(one => one.images > 0)
        .map(one => [one.category, count(one.images), count(one.correct), percent(one.top1)]),
    ),
  async writeReport(folder, {report, meter}) {
    const {writeReport} = await import('../classification/writeReport.js');
    return writeReport(folder, report, (meter as ClassificationMeter).confusion);
  },
  async predictions(_task, {top = 1}) {
    const {classificationOutput} = await import('../classification/classificationOutput.js');
    return classificationOutput(Number(top));
  },
};
