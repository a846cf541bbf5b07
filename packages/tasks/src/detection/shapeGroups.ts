import {aspectGroups, type Dataset} from '@foveal/data';

/**
 * Groups of images of like shape, as torchvision's recipe makes them: a batch of one group needs little padding.
 *
 * @returns undefined if the dataset does not tell the sizes of all its images, or there is one group only.
 */
export function shapeGroups(dataset: Dataset): Int32Array | undefined {
  const sizes = Array.from({length: dataset.length}, (_, index) => dataset.sizeOf?.(index));
  if (sizes.includes(undefined)) return undefined;
  const groups = aspectGroups({
    length: dataset.length,
    record: index => ({file: '', source: '', objects: [], ...(sizes[index] && {size: sizes[index]})}),
  });
  return groups.some(group => group !== groups[0]) ? groups : undefined;
}
