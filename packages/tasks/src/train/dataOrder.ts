import {Random} from '@foveal/core';
import {type Dataset, groupedOrder, onlyWhole, type Sample, subset} from '@foveal/data';
import {seedFor} from './streams.js';

/** A change of a training image, decided by `random` alone; one that needs other images waits for them. */
export type Augment = (sample: Sample, random: Random) => Sample | Promise<Sample>;

/** Images that are to share batches. */
export interface Grouping {
  /** The group of each image. */
  groups: ArrayLike<number>;
  batchSize: number;
}

/**
 * The order of the images in one epoch: it depends on the seed, the epoch and the groups alone. Cut at every
 * `batchSize`, it makes batches of one group, until what is left over of the groups is mixed at the end.
 */
export function epochOrder(length: number, seed: number, epoch: number, grouping?: Grouping): Uint32Array {
  const order = new Random(seedFor(seed, 'order', epoch)).shuffle(Uint32Array.from({length}, (_, i) => i));
  if (!grouping) return order;
  const {groups, batchSize} = grouping;
  return groupedOrder(order, groups, {batchSize, dropLast: false}).order;
}

/**
 * A dataset in the order given, with each image changed at random. What an image gets depends on seed, epoch and
 * image, not on when it is decoded, so neither concurrency nor a resumption changes it.
 */
export function augmented(
  dataset: Dataset,
  order: Uint32Array,
  augment: Augment | undefined,
  seed: number,
  epoch: number,
): Dataset {
  const ordered = subset(dataset, order);
  if (!augment) return ordered;
  const changed: Dataset = {
    ...ordered,
    async get(position, decoder) {
      const sample = await ordered.get(position, onlyWhole(decoder));
      return augment(sample, new Random(seedFor(seed, 'augment', epoch, order[position])));
    },
  };
  augmentedDatasets.add(changed);
  return changed;
}

const augmentedDatasets = new WeakSet<Dataset>();

/** Whether the images of a dataset come from {@link augmented}, which may have given them their size. */
export const isAugmented = (dataset: Dataset): boolean => augmentedDatasets.has(dataset);
