import type {AnnotatedDataset} from './annotations/annotatedDataset.js';

/**
 * Rearranges an order so that each batch has samples of one group. A batch stands where its last sample stood; batches
 * that are not full come last, or are left out.
 */
export function groupedOrder(
  order: Uint32Array,
  groups: ArrayLike<number>,
  {batchSize, dropLast}: {batchSize: number; dropLast: boolean},
): {order: Uint32Array; ends: Set<number>} {
  const waiting = new Map<number, number[]>();
  const grouped: number[] = [];
  const ends = new Set<number>();
  const close = (batch: readonly number[]) => {
    for (const index of batch) grouped.push(index);
    ends.add(grouped.length);
  };
  for (const index of order) {
    const group = groups[index];
    const batch = waiting.get(group) ?? [];
    batch.push(index);
    if (batch.length < batchSize) {
      waiting.set(group, batch);
    } else {
      close(batch);
      waiting.delete(group);
    }
  }
  if (!dropLast) for (const batch of waiting.values()) close(batch);
  return {order: Uint32Array.from(grouped), ends};
}

/**
 * Sorts images by their shape, so that a batch of one group needs little padding: torchvision's
 * `create_aspect_ratio_groups`.
 *
 * @param options - `k`: the ratios from 1/2 to 2 are divided at 2k + 1 places, evenly between their logarithms; 0
 * tells upright from lying images only. @defaultValue `{k: 3}`
 * @returns the group of each image.
 * @throws RangeError if the annotations do not tell an image's size.
 */
export function aspectGroups(dataset: Pick<AnnotatedDataset, 'length' | 'record'>, {k = 3} = {}): Int32Array {
  const places = k === 0 ? [1] : Array.from({length: 2 * k + 1}, (_, i) => 2 ** (i / k - 1));
  return Int32Array.from({length: dataset.length}, (_, index) => {
    const {size, file} = dataset.record(index);
    if (!size) throw new RangeError(`aspectGroups: the annotations do not tell the size of ${file}.`);
    const ratio = size[0] / size[1];
    return places.filter(place => place <= ratio).length;
  });
}
