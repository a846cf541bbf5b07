import {Random} from '@foveal/core';
import type {Dataset} from '@foveal/data';
import {seedFor} from './streams.js';
import type {TrainOptions} from './trainOptions.js';

/** The order of the images in one epoch: it depends on the seed and the epoch alone. */
export function epochOrder(length: number, seed: number, epoch: number): Uint32Array {
  return new Random(seedFor(seed, 'order', epoch)).shuffle(Uint32Array.from({length}, (_, i) => i));
}

/** Some images of a dataset, in the order given. */
export const subset = (dataset: Dataset, indices: ArrayLike<number>): Dataset => ({
  length: indices.length,
  categories: dataset.categories,
  get: position => dataset.get(indices[position]),
});

/**
 * A dataset in the order given, with each image changed at random. What an image gets depends on seed, epoch and
 * image, not on when it is decoded, so neither concurrency nor a resumption changes it.
 */
export function augmented(
  dataset: Dataset,
  order: Uint32Array,
  augment: TrainOptions['augment'],
  seed: number,
  epoch: number,
): Dataset {
  const ordered = subset(dataset, order);
  if (!augment) return ordered;
  return {
    ...ordered,
    get: async position =>
      augment(await ordered.get(position), new Random(seedFor(seed, 'augment', epoch, order[position]))),
  };
}

/**
 * Holds a share of a dataset back, chosen at random by the seed.
 *
 * @param share - In (0, 1); at least one image goes to each side.
 * @throws RangeError if the share is out of range or there are fewer than two images.
 */
export function holdOut(dataset: Dataset, share: number, seed = 0): {training: Dataset; heldOut: Dataset} {
  if (!(share > 0 && share < 1)) throw new RangeError(`holdOut: the share must lie in (0, 1), got ${share}.`);
  if (dataset.length < 2)
    throw new RangeError(`holdOut: expected two or more images, got ${dataset.length}.`);
  const order = Uint32Array.from({length: dataset.length}, (_, i) => i);
  new Random(seedFor(seed, 'holdOut')).shuffle(order);
  const held = Math.min(dataset.length - 1, Math.max(1, Math.round(dataset.length * share)));
  return {
    training: subset(dataset, order.subarray(held).toSorted()),
    heldOut: subset(dataset, order.subarray(0, held).toSorted()),
  };
}
