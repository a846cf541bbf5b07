import type {Dataset} from './dataset.js';
import {checkReading, type ReadingOptions, readAhead, type SkippedFile} from './readAhead.js';
import type {Sample} from './sample.js';

/** Samples that belong into one batch. */
export interface SampleBatch {
  samples: Sample[];
  /** The place in the order after the last of them, where `start` goes on. */
  next: number;
}

/** Batches of samples in order, read ahead; iterating again reads again. */
export interface SampleBatches extends AsyncIterable<SampleBatch> {
  /** What could not be read and was left out so far. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Reads a dataset in batches of samples, for tasks that make more of them than one tensor of images: detection,
 * segmentation. While the consumer works on one batch, the samples of the next are read; no more than that.
 *
 * @throws RangeError if an option is out of range; ImageDecodeError or DatasetError for a sample that cannot be read,
 * unless they are skipped.
 */
export function samples(dataset: Dataset, options: ReadingOptions): SampleBatches {
  checkReading('samples', dataset, options);
  const skipped: SkippedFile[] = [];
  return {
    skipped,
    async *[Symbol.asyncIterator]() {
      const portions = readAhead(dataset, options, {prepare: sample => sample}, skipped);
      for await (const {items, next} of portions) yield {samples: items, next};
    },
  };
}
