import {readFile} from 'node:fs/promises';
import {z} from 'zod';
import {scoreTable} from '../cli/scorePredictions.js';
import {UsageError} from '../cli/usageError.js';
import {fraction, wholeNumber} from '../cli/values.js';
import type {DetectionMeter} from '../detection/detectionMeter.js';
import type {DetectionMetrics} from '../detection/detectionMetrics.js';
import type {Detector} from '../detection/detectionTask.js';
import type {DetectorName, DetectorSettings} from '../detection/detectors.js';
import {duration, percent, plural} from '../terminal/format.js';
import type {KindOption, TaskKind} from './taskKind.js';

const all = ['train', 'eval', 'predict'] as const;

/** Settings of the network itself; a checkpoint knows them. */
const networkOptions: KindOption[] = [
  {
    flags: '--backbone <name>',
    about: 'the classifier whose feature maps an R-CNN works on (default: resnet18)',
    on: all,
    setting: z.string().min(1),
  },
  {
    flags: '--image-size <n>',
    about: "pixels of the network's input: both sides of a YOLO's, the shorter side of an R-CNN's",
    on: all,
    parse: wholeNumber(16),
    setting: z.int().min(16),
  },
  {
    flags: '--form <name>',
    about: "where an R-CNN's boxes come from: fpn, a pyramid, or c4, one map (default: fpn)",
    on: all,
    setting: z.enum(['fpn', 'c4']),
  },
  {
    flags: '--cfg <file>',
    about: 'the .cfg of a darknet network, for --model yolo',
    on: all,
    setting: z.string().min(1),
  },
];

const options: KindOption[] = [
  ...networkOptions,
  {
    flags: '--backbone-weights <file>',
    about: 'weights of the backbone alone, from its training as a classifier',
    on: ['train'],
    setting: z.string().min(1),
  },
  {
    flags: '--min-score <x>',
    about: 'leave out what scores less (default: 0.3; 0 for results.json)',
    on: ['predict'],
    parse: fraction,
  },
  {
    flags: '--ids <file>',
    about: "for results.json: labels in COCO's format, to take the ids of images and categories from",
    on: ['predict'],
  },
];

/** The kinds of task that find objects: by boxes, or with masks, too. */
export const detectionKind = ({
  command,
  about,
  trainExamples,
  masks,
}: {
  command: string;
  about: string;
  trainExamples: readonly string[];
  masks: boolean;
}): TaskKind<Detector> => ({
  command,
  about,
  trainExamples,
  options,
  trainDefaults: {batchSize: masks ? 2 : 8, clipNorm: 10},
  augmentations: {
    flip: {
      about: 'mirrored',
      make: async () => (await import('@foveal/data')).randomFlip(),
    },
    jitter: {
      about: 'brightness, contrast, saturation and hue changed',
      async make() {
        const {colorJitter} = await import('@foveal/data');
        return colorJitter({brightness: 0.3, contrast: 0.3, saturation: 0.5, hue: 0.03});
      },
    },
    scale: {
      about: 'made larger or smaller by up to a half, and moved',
      async make() {
        const {randomAffine} = await import('@foveal/data');
        return randomAffine({scale: [0.5, 1.5], translate: [0.2, 0.2], fill: 114, minVisible: 0.3});
      },
    },
    mosaic: {
      about: 'half of the time four images in one',
      make: async dataset => (await import('../detection/mosaicAugment.js')).mosaicAugment(dataset),
    },
  },
  async modelNames() {
    const {detectors} = await import('../detection/detectors.js');
    return Object.entries(detectors).flatMap(([name, record]) => (record.masks === masks ? [name] : []));
  },
  ...(!masks && {
    fromPrograms: {
      rcnn:
        'R-CNN (2014) has no loss that one training minimises: it learns in stages, from a program. Call ' +
        "trainRcnn(new Rcnn(backbone, {categories, preprocess}), dataset, {out}) of '@foveal/tasks', then " +
        'model.predict(images); recipes/rcnnStory.ts does so. Here there are its successors: --model fastrcnn ' +
        'and fasterrcnn.',
    },
  }),
  async build({model, categories, seed, options: given}) {
    const {detectorRecord} = await import('../detection/detectors.js');
    const settings = await settingsIn(given, model, detectorRecord(model).settings);
    const backboneWeights = given['backboneWeights'];
    return named(model, {
      categories,
      settings,
      seed,
      ...(typeof backboneWeights === 'string' && {backboneWeights}),
    });
  },
  restore: ({model, options: saved, categories}) =>
    named(model ?? '', {categories, settings: saved, seed: 0}),
  async loadWeights({model, description}, path, options) {
    const {detectorRecord} = await import('../detection/detectors.js');
    const record = detectorRecord(description.model ?? '');
    if (record.loadWeights)
      return record.loadWeights(model, path, {...options, settings: description.options});
    const {loadWeights} = await import('@foveal/models');
    return loadWeights(model, path, options);
  },
  scoreText: score => `AP ${percent(score)}`,
  evaluation: (metrics, seconds) =>
    `${plural(metrics.objects, 'object')} in ${plural(metrics.images, 'image')}, in ${duration(seconds)} · ` +
    `VOC AP ${metrics.vocAP === null ? '–' : percent(metrics.vocAP, 2)}\n\n${scoreTable(scoresOf(metrics))}`,
  async writeReport(folder, {report, meter, dataset}) {
    const {writeDetectionReport} = await import('../detection/writeDetectionReport.js');
    return writeDetectionReport(folder, report, (meter as DetectionMeter).images, dataset);
  },
  async predictions({description}, given) {
    const {detectionOutput} = await import('../detection/detectionOutput.js');
    return detectionOutput(description.categories, given);
  },
});

async function named(
  name: string,
  {
    seed,
    settings,
    ...options
  }: {categories: readonly string[]; settings: DetectorSettings; seed: number; backboneWeights?: string},
): Promise<Detector> {
  const {Random} = await import('@foveal/core');
  const {detectorNamed} = await import('../detection/detectorNamed.js');
  const {seedFor} = await import('../train/streams.js');
  const random = new Random(seedFor(seed, 'weights'));
  return detectorNamed(name as DetectorName, {...options, ...settings, random});
}

/** The settings among a command's options; `--cfg` becomes the text of the file, which a checkpoint keeps. */
async function settingsIn(
  given: Readonly<Record<string, unknown>>,
  model: string,
  known: readonly (keyof DetectorSettings)[],
): Promise<DetectorSettings> {
  const {cfg, backbone, imageSize, form, backboneWeights} = given;
  const settings: DetectorSettings = {
    ...(typeof backbone === 'string' && {backbone}),
    ...(typeof imageSize === 'number' && {imageSize}),
    ...((form === 'fpn' || form === 'c4') && {form}),
    ...(typeof cfg === 'string' && {cfg: await textOf(cfg)}),
  };
  if (form !== undefined && settings.form === undefined)
    throw new UsageError(`--form ${String(form)}: expected fpn or c4.`);
  const flag = (name: string) => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
  const foreign = Object.keys(settings).filter(name => !known.some(one => one === name));
  if (backboneWeights !== undefined && !known.includes('backbone') && !model.includes('rcnn'))
    foreign.push('backboneWeights');
  if (foreign.length) {
    const own = known.length ? `it has ${known.map(flag).join(', ')}` : 'it has none';
    throw new UsageError(`${model} has no setting ${foreign.map(flag).join(', ')}; ${own}.`);
  }
  if (known.includes('cfg') && settings.cfg === undefined)
    throw new UsageError(`--model ${model} needs the network: --cfg FILE.cfg.`);
  return settings;
}

const textOf = (file: string) =>
  readFile(file, 'utf8').catch((cause: Error) => {
    throw new UsageError(`--cfg ${file}: cannot be read: ${cause.message}.`, {cause});
  });

function scoresOf({boxes, masks, perClass}: DetectionMetrics) {
  const by = (value: 'AP' | 'maskAP') =>
    Object.fromEntries(perClass.map(one => [one.category, one[value] ?? -1]));
  const bbox = {...boxes, AP_per_category: by('AP')};
  if (!masks) return {on: ['bbox' as const], bbox};
  return {on: ['bbox' as const, 'segm' as const], bbox, segm: {...masks, AP_per_category: by('maskAP')}};
}
