import {basename} from 'node:path';
import type {Preprocess} from '@foveal/core';
import {imageNetEval} from './preprocessing.js';
import {publishedWeights} from './publishedWeights.js';
import {readWeights} from './readWeights.js';
import type {WeightsTable} from './weightsRecord.js';

/**
 * What weights in a file expect of their images, if that is known: it belongs to them, not to the model. It is known
 * of files with a `preprocess` in their metadata (as JSON; checkpoints have one), of those with an `input` in words
 * such as `227x227 BGR, minus 104,117,123, no scaling`, and of published ones under their own names.
 *
 * @throws WeightsFileError if the file cannot be read; TypeError if its `preprocess` is none.
 */
export async function weightsPreprocess(path: string): Promise<Preprocess | undefined> {
  const published = Object.values<WeightsTable[string]>(publishedWeights)
    .flatMap(versions => Object.values(versions))
    .find(({url}) => basename(url) === basename(path));
  return published?.preprocess ?? preprocessIn((await readWeights(path)).metadata);
}

/** What a file's metadata says of the images; see {@link weightsPreprocess}. */
export function preprocessIn(metadata: Readonly<Record<string, string>>): Preprocess | undefined {
  const {preprocess, input} = metadata;
  if (preprocess) return parse(preprocess);
  return input ? inWords(input) : undefined;
}

const words =
  /^(?<width>\d+)x(?<height>\d+) (?<color>rgb|bgr), minus (?<mean>[\d.]+(?:, ?[\d.]+){2}), no scaling$/i;

/** Caffe's habit: bytes of an image whose shorter side is 256 and whose longer side is rounded, less their mean. */
function inWords(input: string): Preprocess | undefined {
  const found = words.exec(input.trim())?.groups;
  if (!found) return undefined;
  const inputSize: [number, number] = [Number(found['height']), Number(found['width'])];
  const {resize = 256} = imageNetEval;
  return {
    inputSize,
    ...(Math.max(...inputSize) <= resize && {resize, rounding: 'nearest'}),
    color: found['color'].toLowerCase() as 'rgb' | 'bgr',
    scale: 1,
    mean: found['mean'].split(',').map(Number),
    std: [1, 1, 1],
  };
}

function parse(json: string): Preprocess {
  const value: unknown = (() => {
    try {
      return JSON.parse(json);
    } catch {
      return undefined;
    }
  })();
  if (isPreprocess(value)) return value;
  throw new TypeError(
    `the metadata's preprocess must be {"inputSize": [224, 224], "color": "rgb", "scale": …, "mean": […], "std": […]} ` +
      `with one mean and std per channel; got ${json.slice(0, 200)}.`,
  );
}

function isPreprocess(value: unknown): value is Preprocess {
  if (typeof value !== 'object' || value === null) return false;
  const {inputSize, resize, rounding, color, scale, mean, std} = value as Record<string, unknown>;
  const channels = {rgb: 3, bgr: 3, gray: 1}[String(color)];
  const numbers = (list: unknown, length: number | undefined) =>
    Array.isArray(list) && list.length === length && list.every(Number.isFinite);
  return (
    numbers(inputSize, 2) &&
    (resize === undefined || Number.isInteger(resize)) &&
    [undefined, 'torchvision', 'nearest'].includes(rounding as string | undefined) &&
    channels !== undefined &&
    Number.isFinite(scale) &&
    numbers(mean, channels) &&
    numbers(std, channels)
  );
}
