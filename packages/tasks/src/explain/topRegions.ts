// The images that excite a unit most: Zeiler & Fergus, ECCV 2014, arXiv:1311.2901, section 4 and figure 2.
import {checkShapes} from '@foveal/core';
import {type Backbone, features} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {evaluating} from './evaluating.js';
import {modelSummary} from './modelSummary.js';
import {fieldBox, type ReceptiveField} from './receptiveField.js';

/** Where a unit was excited. */
export interface TopRegion {
  /** The number of the image, in the order in which they came. */
  image: number;
  /** The activation. */
  value: number;
  /** `[row, column]` in the map. */
  at: [number, number];
  /** What the unit sees there, `[x1, y1, x2, y2]` in pixels of the preprocessed image. */
  box: [number, number, number, number];
}

export interface TopRegionsOptions {
  /** Path of the layer, such as `features.12`. */
  layer: string;
  /** Numbers of the maps that are looked at. @defaultValue all of them */
  channels?: readonly number[];
  /** Regions that are kept of each map, of different images. @defaultValue 9 */
  count?: number;
}

/** A search through images, one by one, for what excites the units of a layer most; see {@link topRegions}. */
export class TopRegions {
  readonly #model: Backbone;
  readonly #options: TopRegionsOptions;
  #found: Found[] | undefined;
  #field: ReceptiveField | undefined;
  #images = 0;

  constructor(model: Backbone, options: TopRegionsOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** The regions of each map that was asked for, the strongest first. */
  get found(): {channel: number; regions: TopRegion[]}[] {
    return this.#found ?? [];
  }

  /**
   * Looks at one more image.
   *
   * @param image - `[1, H, W, C]` float32, preprocessed.
   * @throws RangeError if there is no such layer or map; TypeError if it is not one image.
   */
  async add(image: tf.Tensor4D): Promise<void> {
    checkShapes('topRegions', {image: [image, '1 H W C']}, 'Give images one by one.');
    const {layer, channels, count = 9} = this.#options;
    const [, height, width, depth] = image.shape;
    this.#field ??= fieldOf(this.#model, [height, width, depth], layer);
    const maps = evaluating(this.#model, () => tf.tidy(() => features(this.#model, image, [layer])[0]));
    const [, , columns, depthOfMaps] = maps.shape;
    const values = (await maps.data()) as Float32Array;
    maps.dispose();
    this.#found ??= chosen(channels, depthOfMaps, layer);
    for (const {channel, regions} of this.#found) {
      let best = channel;
      for (let i = channel; i < values.length; i += depthOfMaps) if (values[i] > values[best]) best = i;
      const place = (best - channel) / depthOfMaps;
      const at: [number, number] = [Math.floor(place / columns), place % columns];
      const box = fieldBox(this.#field, at, [height, width]);
      regions.push({image: this.#images, value: values[best], at, box});
      regions.sort((a, b) => b.value - a.value || a.image - b.image);
      regions.splice(count);
    }
    this.#images++;
  }
}

/**
 * Looks through images for what excites the units of a layer most. Each image counts once for a map, at its
 * strongest place.
 *
 * @param images - `[1, H, W, C]` float32 each, preprocessed, all of one size; whoever gives them disposes them.
 * @returns For each of `channels` the regions, the strongest first.
 * @throws RangeError if there is no such layer or map, or it has no maps; TypeError if an image has another shape.
 */
export async function topRegions(
  model: Backbone,
  images: AsyncIterable<tf.Tensor4D> | Iterable<tf.Tensor4D>,
  options: TopRegionsOptions,
): Promise<TopRegion[][]> {
  const search = new TopRegions(model, options);
  for await (const image of images) await search.add(image);
  return search.found.map(({regions}) => regions);
}

interface Found {
  channel: number;
  regions: TopRegion[];
}

function chosen(channels: readonly number[] | undefined, depth: number, layer: string): Found[] {
  return (channels ?? [...Array(depth).keys()]).map(channel => {
    if (Number.isInteger(channel) && channel >= 0 && channel < depth) return {channel, regions: []};
    throw new RangeError(`topRegions: ${layer} has maps 0 to ${depth - 1}, got ${channel}.`);
  });
}

function fieldOf(model: Backbone, shape: [number, number, number], layer: string) {
  const found = modelSummary(model, shape).layers.find(
    ({name, ends}) => name === layer || ends.includes(layer),
  );
  if (found?.output.length === 3) return found.field;
  throw new RangeError(
    `topRegions: ${model.constructor.name} has no layer ${JSON.stringify(layer)} that gives maps. ` +
      'foveal models NAME --summary lists its layers.',
  );
}
