import type {Random} from '@foveal/core';
import type {Image} from './image.js';

/** One image of a dataset with what is known about it. */
export interface Sample {
  image: Image;
  /** Index into the dataset's categories. */
  label?: number;
  /** Where it comes from, for messages: a path, or a file with the number of the record, `test_batch.bin#7`. */
  file: string;
}

/** A change of a sample, decided by `random` alone; the sample given stays as it is. */
export type Transform = (sample: Sample, random: Random) => Sample;
