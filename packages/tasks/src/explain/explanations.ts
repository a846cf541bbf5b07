import {nearestName} from '@foveal/core';
import {cropImage} from '@foveal/data';
import type * as tf from '@tensorflow/tfjs-core';
import {type HeatMap, type HeatRange, heatImage, heatOver, heatSized} from '../draw/heatImage.js';
import {type ImagePanel, panels} from '../draw/panels.js';
import {largest, signedImage, typicalMost} from '../draw/signedImage.js';
import {probability} from '../draw/text.js';
import {boundsOf} from './boundsOf.js';
import {deconvnet} from './deconvnet.js';
import type {ExplainedImage, ExplainedModel} from './explainedModel.js';
import {gradCam} from './gradCam.js';
import {guidedBackprop} from './guidedBackprop.js';
import {mapSheet} from './mapSheet.js';
import {occlusion} from './occlusion.js';
import {PixelScores} from './pixelScores.js';
import {saliency} from './saliency.js';
import type {ExplainedTarget} from './target.js';

export interface ExplanationOptions {
  /** The name of a category, or its number. @defaultValue the most probable one */
  category?: string;
  /** The layer to look at, where the method looks at one. */
  layer?: string;
  /** A unit of the layer in place of a category. */
  channel?: number;
  /** Pixels of the square of `occlusion`. */
  size?: number;
  /** Pixels between its places. */
  stride?: number;
}

/** A picture, and what is on it. */
export interface Explanation {
  /** The bytes of a PNG. */
  picture: Buffer;
  /** What it explains. */
  subject: string;
  /** The probability of the category, where it is about one. */
  score?: number;
}

type Explain = (
  model: ExplainedModel,
  image: ExplainedImage,
  options: ExplanationOptions,
) => Promise<Explanation>;

/** The methods that explain one image, by their names on the command line. */
export const explanations = {
  async gradcam(model, image, options) {
    const {target, ...about} = subjectOf(model, image, options);
    const {network} = model;
    const layer = options.channel === undefined ? options.layer : undefined;
    const map = await readMap(gradCam(network, image.input, target, layer));
    const from = layer ?? network.featureMaps.at(-1)?.layer ?? '';
    const name = `how far ${from} speaks for it`;
    return {...about, picture: await heatPanels(image, map, {...about, method: 'Grad-CAM', name})};
  },
  async saliency(model, image, options) {
    const {target, ...about} = subjectOf(model, image, options);
    const map = await readMap(saliency(model.network, image.input, target));
    const name = 'how fast the score changes with the pixel';
    return {...about, picture: await heatPanels(image, map, {...about, method: 'Saliency', name, cut: true})};
  },
  async occlusion(model, image, options) {
    const {target, ...about} = subjectOf(model, image, options);
    if (!('category' in target))
      throw new RangeError('occlusion watches a category, not a unit: leave --channel out.');
    const {size, stride} = options;
    const {map, falls} = await occlusion(model.network, image.input, {
      ...target,
      ...(size !== undefined && {size}),
      ...(stride !== undefined && {stride}),
    });
    const places = `${falls.shape.join(' × ')} places`;
    falls.dispose();
    const name = 'fall of the probability while a square hides the place; below 0 it rises';
    return {
      ...about,
      picture: await heatPanels(image, await readMap(map), {
        ...about,
        method: 'Occlusion',
        name,
        signed: true,
        places,
      }),
    };
  },
  guided: (model, image, options) =>
    pattern(model, image, options, {method: 'Guided backpropagation', project: guidedBackprop}),
  deconvnet: (model, image, options) =>
    pattern(model, image, options, {method: 'Deconvnet', project: deconvnet}),
  async activations(model, image, {layer = model.network.featureMaps[0]?.layer, channel}) {
    if (layer === undefined)
      throw new RangeError(`activations: ${model.name} has no maps. Take a network with convolutions.`);
    return {subject: layer, picture: await mapSheet(model, image, layer, channel)};
  },
} satisfies Record<string, Explain>;

/** A name in {@link explanations}. */
export type ExplanationName = keyof typeof explanations;

/** What a picture is about: a category, or a unit. */
function subjectOf(
  {categories, network}: ExplainedModel,
  {probabilities}: ExplainedImage,
  {category, layer, channel}: ExplanationOptions,
): {target: ExplainedTarget; subject: string; score?: number} {
  if (channel !== undefined) {
    if (layer === undefined) throw new RangeError('a channel needs its layer: --layer.');
    return {target: {layer, channel}, subject: `${layer}, map ${channel}`};
  }
  const number =
    category === undefined
      ? probabilities.indexOf(Math.max(...probabilities))
      : categoryNumber(categories, category);
  if (network instanceof PixelScores) {
    const share = `${Math.round(100 * probabilities[number])} %`;
    return {target: {category: number}, subject: `${categories[number]} in ${share} of the pixels`};
  }
  return {target: {category: number}, subject: categories[number], score: probabilities[number]};
}

/**
 * The number of a category by its name, or by the number itself.
 *
 * @throws RangeError with the nearest name if there is none.
 */
export function categoryNumber(categories: readonly string[], name: string): number {
  const found = categories.indexOf(name);
  if (found >= 0) return found;
  const number = Number(name);
  if (name.trim() && Number.isInteger(number) && number >= 0 && number < categories.length) return number;
  const near = nearestName(name, categories);
  throw new RangeError(
    `there is no category ${JSON.stringify(name)}.${near ? ` Did you mean ${JSON.stringify(near)}?` : ''} ` +
      `There are ${categories.length}: ${categories.slice(0, 5).join(', ')}${categories.length > 5 ? ' …' : ''}; a number from 0 names one, too.`,
  );
}

interface About {
  method: string;
  subject: string;
  score?: number;
}

const titleOf = ({method, subject, score}: About) =>
  `${method}: ${subject}${score === undefined ? '' : `, ${probability(score)}`}`;

async function readMap(map: tf.Tensor2D): Promise<HeatMap> {
  const [height, width] = map.shape;
  try {
    return {values: (await map.data()) as Float32Array, width, height};
  } finally {
    map.dispose();
  }
}

interface HeatAbout extends About {
  /** What the colours mean. */
  name: string;
  signed?: boolean;
  /** Whether few values outshine the rest. */
  cut?: boolean;
  /** How many values the map has, where it does not tell itself. */
  places?: string;
}

async function heatPanels(
  {file, seen}: ExplainedImage,
  map: HeatMap,
  {name, signed = false, cut = false, places, ...about}: HeatAbout,
): Promise<Buffer> {
  const values = Float32Array.from(map.values);
  const range: HeatRange = {
    scale: signed ? 'signed' : 'high',
    most: cut ? typicalMost(values) : largest(values),
  };
  const sized = await heatSized(map, seen, range);
  const shown: ImagePanel[] = [
    {image: seen, caption: 'what the model sees'},
    {image: heatImage(sized, range), caption: `map, ${places ?? `${map.width} × ${map.height}`}`},
    {image: heatOver(seen, sized, range), caption: 'over the image in grey'},
  ];
  return panels(shown, {title: titleOf(about), note: file, range: {...range, name, cut}});
}

async function pattern(
  model: ExplainedModel,
  image: ExplainedImage,
  options: ExplanationOptions,
  {method, project}: {method: string; project: typeof guidedBackprop},
): Promise<Explanation> {
  const {target, ...about} = subjectOf(model, image, options);
  const projected = project(model.network, image.input, target);
  const values = (await projected.data()) as Float32Array;
  projected.dispose();
  if (values.every(value => value === 0))
    throw new RangeError(`${about.subject} does not answer to this image: there is nothing to project.`);
  const drawn = signedImage(values, image.seen, {
    most: typicalMost(values),
    bgr: model.preprocess.color === 'bgr',
  });
  const shown: ImagePanel[] = [
    {image: image.seen, caption: 'what the model sees'},
    {image: drawn, caption: 'what excites it'},
  ];
  const part = boundsOf(values, image.seen);
  if (part.width * part.height < 0.5 * drawn.width * drawn.height) {
    // A unit of an early layer sees little of the image.
    shown.push({image: cropImage(image.seen, part), caption: 'its part of the image'});
    shown.push({image: cropImage(drawn, part), caption: 'what excites it there'});
  }
  return {
    ...about,
    picture: await panels(shown, {
      title: titleOf({method, ...about}),
      note: `${image.file} · in what excites it, grey is 0`,
    }),
  };
}
