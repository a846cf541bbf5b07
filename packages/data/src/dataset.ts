import type {Random} from '@foveal/core';
import type {Decoder} from './decoder.js';
import type {Sample} from './sample.js';

/** Labelled images, read one at a time. */
export interface Dataset {
  readonly length: number;
  /** Names of the classes, by label. */
  readonly categories: readonly string[];
  /**
   * @param index - In `[0, length)`.
   * @param decoder - How to decode the sample's image, if it is a file; `batches` and `samples` have threads do it.
   * Whoever ignores it decodes in the thread of the engine. @defaultValue `decodeImage`
   * @throws ImageDecodeError if the image is broken; others of the dataset may be fine.
   */
  get(index: number, decoder?: Decoder): Promise<Sample>;
  /** Pixels of an image that need not be decoded for it; undefined if that is not known. */
  sizeOf?(index: number): readonly [width: number, height: number] | undefined;
}

/** Some images of a dataset, in the order given. An index may stand there twice. */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  for (let i = 0; i < indices.length; i++) checkIndex(indices[i], dataset.length);
  return {
    length: indices.length,
    categories: dataset.categories,
    async get(index, decoder) {
      checkIndex(index, indices.length);
      return dataset.get(indices[index], decoder);
    },
    ...(dataset.sizeOf && {sizeOf: (index: number) => dataset.sizeOf?.(indices[index])}),
  };
}

export interface SplitOptions {
  /** The share that is held back, in (0, 1). */
  validation: number;
  /** Decides which images; the same state gives the same split. */
  random: Random;
}

/**
 * Divides a dataset at random; both parts keep the order of the whole.
 *
 * @throws RangeError if a part would be empty.
 */
export function split(
  dataset: Dataset,
  {validation, random}: SplitOptions,
): {train: Dataset; validation: Dataset} {
  const held = Math.round(dataset.length * validation);
  if (!(held > 0 && held < dataset.length)) {
    throw new RangeError(
      `split: validation ${validation} of ${dataset.length} images leaves a part empty. Choose a share in (0, 1).`,
    );
  }
  const order = random.shuffle(Uint32Array.from({length: dataset.length}, (_, i) => i));
  return {
    train: subset(dataset, order.subarray(held).toSorted()),
    validation: subset(dataset, order.subarray(0, held).toSorted()),
  };
}

/** @throws RangeError if there is no such image. */
export function checkIndex(index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new RangeError(
    `dataset: there is no image ${index}; expected a whole number from 0 to ${length - 1}.`,
  );
}
