import type {Random, Rle} from '@foveal/core';
import type {Image} from './image.js';

/**
 * One image of a dataset with what is known about it. `checkSample` tells what holds between the fields. K is the
 * number of objects; an image without objects has `boxes` of length 0, one whose objects are unknown has no `boxes`.
 */
export interface Sample {
  image: Image;
  /** Index into the dataset's categories: the class of the whole image. */
  label?: number;
  /** `[K · 4]` float32, `[x1, y1, x2, y2]` a box, in pixels of the image, continuous: a width is x2 − x1. */
  boxes?: Float32Array;
  /** `[K]` int32: the category of each object. */
  labels?: Int32Array;
  /** `[K]`: 1 where a box stands for many objects at once, which are neither found nor missed. */
  crowd?: Uint8Array;
  /** `[K]`: 1 where an object is marked as hard to recognise; Pascal VOC leaves these out of its scores. */
  difficult?: Uint8Array;
  /** `[K]` masks of the size of the image. */
  masks?: readonly Rle[];
  /**
   * `[height · width]`, row by row: the category of each pixel. Pixels that do not count hold {@link ignoredClass} of
   * the array: 255 in bytes, 65,535 in 16 bits (for more than 255 categories).
   */
  classMap?: Uint8Array | Uint16Array;
  /** Where it comes from, for messages: a path, or a file with the number of the record, `test_batch.bin#7`. */
  file: string;
}

/** The value of pixels that do not count: the largest that the array holds. */
export const ignoredClass = (classMap: Uint8Array | Uint16Array): number =>
  classMap.BYTES_PER_ELEMENT === 1 ? 255 : 65_535;

/** A change of a sample, decided by `random` alone; the sample given stays as it is. */
export type Transform = (sample: Sample, random: Random) => Sample;
