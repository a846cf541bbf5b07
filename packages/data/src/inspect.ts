import pLimit from 'p-limit';
import {AnnotationError} from './annotations/annotationError.js';
import type {Problem} from './annotations/problems.js';
import type {Dataset} from './dataset.js';
import {DatasetError} from './datasetError.js';
import {ImageDecodeError} from './imageDecodeError.js';
import {ignoredClass, type Sample} from './sample.js';

export interface InspectOptions {
  /** Images decoded at once. @defaultValue 4 */
  concurrency?: number;
  /** Called after each image. */
  onProgress?: (done: number, total: number) => void;
}

/** The smallest, middle and largest of some sizes, in pixels. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

export interface CategoryCount {
  name: string;
  /** Images that it occurs in. */
  images: number;
  /** Images of it, or objects. */
  count: number;
  /** Pixels of it, in class maps. */
  pixels: number;
}

/** What is in a dataset; can be written as JSON. Spreads are null if there is nothing of the kind. */
export interface Inspection {
  /** Images that can be used, and all that were found. */
  images: {usable: number; total: number};
  /** Usable images with boxes known, but none in them. */
  withoutObjects: number;
  objects: number;
  categories: CategoryCount[];
  /** Image sizes. */
  width: Spread | null;
  height: Spread | null;
  /** The square root of the boxes' areas. */
  objectSize: Spread | null;
  objectsPerImage: Spread | null;
  /** By COCO's bounds of 32² and 96² pixels. */
  objectAreas: {small: number; medium: number; large: number};
  problems: Problem[];
}

/**
 * Reads a whole dataset, its images too, and tells everything that is wrong with it, by file and place, and what is in
 * it. Never throws for a fault of the data.
 *
 * @param open - Reads the annotations with the options given: `options => coco('train.json', options)`.
 * @example
 * const {problems, categories} = await inspect(options => voc('BCCD', {split: 'train', ...options}));
 */
export async function inspect(
  open: (options: {collect: Problem[]}) => Promise<Dataset>,
  {concurrency = 4, onProgress}: InspectOptions = {},
): Promise<Inspection> {
  const problems: Problem[] = [];
  const tally = new Tally();
  let dataset: Dataset;
  try {
    dataset = await open({collect: problems});
  } catch (error) {
    problems.push(...problemsOf(error));
    return tally.result([], 0, problems);
  }
  const limit = pLimit(concurrency);
  const perImage: (readonly Problem[])[] = [];
  let done = 0;
  const look = async (index: number) => {
    try {
      tally.add(await dataset.get(index));
    } catch (error) {
      perImage[index] = problemsOf(error);
    }
    onProgress?.(++done, dataset.length);
  };
  await Promise.all(Array.from({length: dataset.length}, (_, index) => limit(look, index)));
  // In the dataset's order, whichever image was read first.
  problems.push(...perImage.flat());
  return tally.result(dataset.categories, dataset.length, problems);
}

/** @throws the error itself unless the data is to blame. */
function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof AnnotationError) return error.problems;
  if (error instanceof DatasetError || error instanceof ImageDecodeError) {
    return [{file: error.file, place: '', reason: error.reason}];
  }
  throw error;
}

/** Counts samples; keeps numbers only. */
class Tally {
  #usable = 0;
  #withoutObjects = 0;
  readonly #images = new Map<number, number>();
  readonly #counts = new Map<number, number>();
  readonly #pixels = new Map<number, number>();
  readonly #widths: number[] = [];
  readonly #heights: number[] = [];
  readonly #sizes: number[] = [];
  readonly #objectsPerImage: number[] = [];

  add({image, label, boxes, labels, classMap}: Sample): void {
    this.#usable++;
    this.#widths.push(image.width);
    this.#heights.push(image.height);
    const present = new Set<number>();
    const count = (to: Map<number, number>, category: number, by = 1) => {
      to.set(category, (to.get(category) ?? 0) + by);
      present.add(category);
    };
    if (label !== undefined) count(this.#counts, label);
    if (boxes) {
      if (boxes.length === 0) this.#withoutObjects++;
      this.#objectsPerImage.push(boxes.length / 4);
      for (let i = 0; i < boxes.length; i += 4) {
        this.#sizes.push(Math.sqrt((boxes[i + 2] - boxes[i]) * (boxes[i + 3] - boxes[i + 1])));
      }
    }
    for (const own of labels ?? []) count(this.#counts, own);
    if (classMap) {
      const histogram = new Float64Array(ignoredClass(classMap) + 1);
      for (const category of classMap) histogram[category]++;
      histogram.subarray(0, -1).forEach((pixels, category) => {
        if (pixels > 0) count(this.#pixels, category, pixels);
      });
    }
    for (const category of present) this.#images.set(category, (this.#images.get(category) ?? 0) + 1);
  }

  result(categories: readonly string[], total: number, problems: Problem[]): Inspection {
    const sizes = this.#sizes;
    return {
      images: {usable: this.#usable, total},
      withoutObjects: this.#withoutObjects,
      objects: sizes.length,
      categories: categories.map((name, label) => ({
        name,
        images: this.#images.get(label) ?? 0,
        count: this.#counts.get(label) ?? 0,
        pixels: this.#pixels.get(label) ?? 0,
      })),
      width: spread(this.#widths),
      height: spread(this.#heights),
      objectSize: spread(sizes),
      objectsPerImage: spread(this.#objectsPerImage),
      objectAreas: {
        small: sizes.filter(size => size < 32).length,
        medium: sizes.filter(size => size >= 32 && size < 96).length,
        large: sizes.filter(size => size >= 96).length,
      },
      problems,
    };
  }
}

function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return {min: sorted[0], median, max: sorted[sorted.length - 1]};
}
