import type {ModelName, ModelRecord} from '@foveal/models';
import {z} from 'zod';
import {UsageError} from '../cli/usageError.js';
import {positiveNumber} from '../cli/values.js';
import type {Localizer, LocalizerOptions} from '../detection/localizer.js';
import {count, duration, percent, plural} from '../terminal/format.js';
import {table} from '../terminal/table.js';
import type {TaskKind} from './taskKind.js';

/** A category and one box for each image. */
export const localization: TaskKind<Localizer> = {
  command: 'localize',
  about: 'a category and one box for each image',
  trainExamples: [
    'localize --model resnet18 --data voc:birds --backbone-weights resnet18.pth --augment flip --out runs/birds',
  ],
  options: [
    {
      flags: '--backbone-weights <file>',
      about: 'weights of the backbone alone, from its training as a classifier',
      on: ['train'],
      setting: z.string().min(1),
    },
    {
      flags: '--distance <name>',
      about: 'how far a box is off: l2 or smoothL1 (default: l2)',
      on: ['train'],
      setting: z.enum(['l2', 'smoothL1']),
    },
    {
      flags: '--box-weight <x>',
      about: 'what that counts beside the category (default: 10)',
      on: ['train'],
      parse: positiveNumber,
      setting: z.number().positive(),
    },
  ],
  trainDefaults: {batchSize: 16, clipNorm: 10},
  augmentations: {
    flip: {
      about: 'mirrored',
      make: async () => (await import('@foveal/data')).randomFlip(),
    },
    jitter: {
      about: 'brightness, contrast and saturation by up to 40 %, hue by 10 %',
      async make() {
        const {colorJitter} = await import('@foveal/data');
        return colorJitter({brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1});
      },
    },
    affine: {
      about: 'made larger or smaller by up to a quarter, and moved',
      async make() {
        const {randomAffine} = await import('@foveal/data');
        return randomAffine({scale: [0.75, 1.25], translate: [0.15, 0.15], minVisible: 0.3});
      },
    },
  },
  async modelNames() {
    const {models} = await import('@foveal/models');
    // Those that keep places apart, and see colours.
    return Object.keys(models).filter(
      name => !['linear', 'two_layer', 'dropout_network', 'lenet5'].includes(name),
    );
  },
  async build({model, categories, seed, preprocess, options}) {
    const {loadWeights, models, weightsPreprocess} = await import('@foveal/models');
    const {Random} = await import('@foveal/core');
    const {localizer} = await import('../detection/localizer.js');
    const {parsePreprocess} = await import('../cli/preprocessOption.js');
    const {seedFor} = await import('../train/streams.js');
    const {distance, boxWeight, backboneWeights} = options;
    if (distance !== undefined && distance !== 'l2' && distance !== 'smoothL1')
      throw new UsageError(`--distance ${String(distance)}: expected l2 or smoothL1.`);
    const name = model as ModelName;
    const settings: LocalizerOptions = {
      categories,
      seed,
      ...(distance && {distance}),
      ...(typeof boxWeight === 'number' && {boxWeight}),
    };
    const published = typeof backboneWeights === 'string' ? backboneWeights : undefined;
    const usual = (published && (await weightsPreprocess(published))) || models[name].preprocess;
    const record: ModelRecord = models[name];
    const backbone = record.build({random: new Random(seedFor(seed, 'weights'))});
    if (published) await loadWeights(backbone, published);
    return localizer(backbone, {
      ...settings,
      name,
      preprocess: preprocess === undefined ? usual : parsePreprocess(preprocess, usual),
    });
  },
  async restore({model, options, categories, preprocess}) {
    const {localizer} = await import('../detection/localizer.js');
    return localizer(model as ModelName, {categories, ...options, ...(preprocess && {preprocess})});
  },
  scoreText: score => `${percent(score, 2)} localized`,
  evaluation: ({localized, top1, meanIou, images, perClass}, seconds) =>
    `localized ${percent(localized, 2)} · top-1 ${percent(top1, 2)} · mean IoU ${meanIou.toFixed(3)} · ` +
    `${plural(images, 'image')} in ${duration(seconds)}\n\n` +
    table(
      ['category', 'images', 'localized', 'top-1', 'mean IoU'],
      perClass
        .filter(one => one.images > 0)
        .map(one => [
          one.category,
          count(one.images),
          percent(one.localized),
          percent(one.top1),
          one.meanIou.toFixed(3),
        ]),
    ),
  async writeReport(folder, {report}) {
    const {mkdir, writeFile} = await import('node:fs/promises');
    const {join} = await import('node:path');
    await mkdir(folder, {recursive: true});
    const file = join(folder, 'report.json');
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
    return [file];
  },
  async predictions({description}) {
    const {localizationOutput} = await import('../detection/localizationOutput.js');
    return localizationOutput(description.categories);
  },
};
