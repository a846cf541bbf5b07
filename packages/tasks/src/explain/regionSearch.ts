import type {Preprocess} from '@foveal/core';
import {decodeImage, type Image} from '@foveal/data';
import type {Backbone} from '@foveal/models';
import {seenImage} from './explainedModel.js';
import {regionSheet} from './regionSheet.js';
import {TopRegions, type TopRegionsOptions} from './topRegions.js';

/** Units that are drawn where none were named: those that answered most. */
const mostUnits = 6;

/** Looks through image files for what excites units most, and draws it. */
export class RegionSearch {
  readonly #preprocess: Preprocess;
  readonly #options: TopRegionsOptions;
  readonly #regions: TopRegions;
  readonly #files: string[] = [];

  constructor(network: Backbone, preprocess: Preprocess, options: TopRegionsOptions) {
    this.#preprocess = preprocess;
    this.#options = options;
    this.#regions = new TopRegions(network, options);
  }

  async add(file: string, image: Image): Promise<void> {
    const {input} = await seenImage(this.#preprocess, image);
    try {
      await this.#regions.add(input);
    } finally {
      input.dispose();
    }
    this.#files.push(file);
  }

  /** The PNG; undefined if there was no image. */
  async draw(): Promise<Buffer | undefined> {
    if (this.#files.length === 0) return undefined;
    const {layer, channels} = this.#options;
    const all = this.#regions.found;
    const units = channels
      ? all
      : [...all].sort((a, b) => b.regions[0].value - a.regions[0].value).slice(0, mostUnits);
    const seen = new Map<number, {file: string; image: Image}>();
    // Of many images few are drawn: to read those again takes less than to keep all.
    for (const number of new Set(units.flatMap(({regions}) => regions.map(({image}) => image)))) {
      const file = this.#files[number];
      const {input, seen: image} = await seenImage(this.#preprocess, await decodeImage(file));
      input.dispose();
      seen.set(number, {file, image});
    }
    return regionSheet(layer, units, seen);
  }
}
