import {rleToMask} from '@foveal/core';
import {type Dataset, DatasetError} from '@foveal/data';

/**
 * A dataset of objects with masks as one of classes for each pixel: the background, then the dataset's categories. Where
 * objects overlap, the later one shows. Pixels of crowds do not count.
 *
 * @param background - The name of what belongs to no object. @defaultValue 'background'
 */
export function classMapsOfMasks(dataset: Dataset, {background = 'background'} = {}): Dataset {
  if (dataset.categories.length > 254) {
    throw new RangeError(`classMapsOfMasks: at most 254 categories, got ${dataset.categories.length}.`);
  }
  return {
    ...dataset,
    length: dataset.length,
    categories: [background, ...dataset.categories],
    async get(index, decoder) {
      const sample = await dataset.get(index, decoder);
      const {image, masks, labels, crowd, file} = sample;
      if (!masks) throw new DatasetError(file, 'expected a mask for each object, but there are none.');
      const classMap = new Uint8Array(image.width * image.height);
      masks.forEach((rle, k) => {
        const category = crowd?.[k] ? 255 : 1 + (labels?.[k] ?? 0);
        const mask = rleToMask(rle);
        for (let i = 0; i < mask.length; i++) if (mask[i]) classMap[i] = category;
      });
      return {image, classMap, file};
    },
  };
}
