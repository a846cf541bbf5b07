import {basename} from 'node:path';
import type {Dataset, Sample} from '@foveal/data';
import {categoryColor} from '../draw/categoryColor.js';
import {type Cell, contactSheet} from '../draw/contactSheet.js';
import type {Legend} from '../draw/legend.js';
import {overlaidImage} from '../draw/overlay.js';
import {plural} from '../terminal/format.js';

const cellSize = 220;
/** More entries would be a page of their own. */
const mostKeys = 30;

/** Draws evenly spread samples of datasets while somebody else reads them, so that no image is read twice. */
export class SampleSheet {
  readonly #perDataset: number;
  readonly #cells: (readonly [order: number, cell: Cell])[] = [];
  readonly #categories = new Map<number, string>();
  #watched = 0;
  #single = false;

  constructor(perDataset: number) {
    this.#perDataset = perDataset;
  }

  /**
   * The same dataset, of which some samples are drawn as they are read.
   *
   * @param signal - Ends the reading.
   */
  watch(dataset: Dataset, signal?: AbortSignal): Dataset {
    const shown = Math.min(this.#perDataset, dataset.length);
    const wanted = new Map<number, number>();
    const first = this.#watched++ * this.#perDataset;
    for (let i = 0; i < shown; i++) wanted.set(Math.floor(((i + 0.5) * dataset.length) / shown), first + i);
    return {
      length: dataset.length,
      categories: dataset.categories,
      get: async index => {
        signal?.throwIfAborted();
        const sample = await dataset.get(index);
        const order = wanted.get(index);
        if (order !== undefined) this.#cells.push([order, await this.#cell(sample, dataset.categories)]);
        return sample;
      },
    };
  }

  /** The PNG of the sheet; undefined if no sample could be read. */
  async draw(title: string): Promise<Buffer | undefined> {
    if (this.#cells.length === 0) return undefined;
    const cells = this.#cells.sort(([a], [b]) => a - b).map(([, cell]) => cell);
    return contactSheet(cells, {title, cellSize, keys: this.#keys()});
  }

  async #cell(sample: Sample, categories: readonly string[]): Promise<Cell> {
    const {image, label, labels, classMap, file} = sample;
    const counts = new Map<number, number>();
    for (const own of labels ?? []) counts.set(own, (counts.get(own) ?? 0) + 1);
    const present = classMap ? [...new Set(classMap)].filter(c => c < categories.length) : [...counts.keys()];
    for (const category of present) this.#categories.set(category, categories[category]);
    this.#single ||= categories.length === 1 && sample.masks !== undefined;
    return {
      image: await overlaidImage(image, sample, {categories, size: cellSize - 8}),
      label:
        titleOf(label, [...counts], categories) ??
        (classMap ? plural(present.length, 'category', 'categories') : 'nothing'),
      note: basename(file),
    };
  }

  #keys(): Legend[] {
    // Of a single category, each object has a colour of its own.
    if (this.#single) return [];
    const keys = [...this.#categories].sort(([a], [b]) => a - b);
    return keys.slice(0, mostKeys).map(([category, label]) => ({label, color: categoryColor(category)}));
  }
}

/** The label of the image, or what objects there are; the legend tells of several kinds which is which. */
function titleOf(
  label: number | undefined,
  counts: readonly (readonly [number, number])[],
  categories: readonly string[],
): string | undefined {
  if (label !== undefined) return categories[label];
  if (counts.length === 1) return `${counts[0][1]} ${categories[counts[0][0]]}`;
  return counts.length ? `${counts.reduce((sum, [, count]) => sum + count, 0)} objects` : undefined;
}
