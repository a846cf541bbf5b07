import {checkSample} from '../checkSample.js';
import {checkIndex, type Dataset} from '../dataset.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import {decodeHere} from '../decoder.js';
import {type ClassMapOptions, classMapOf} from './classMap.js';
import {type MaskPairsOptions, maskPairs} from './maskPairs.js';
import {readMaskPng} from './maskPng.js';
import {categoryNames} from './nameList.js';

export interface MaskFolderOptions
  extends DecodeOptions,
    MaskPairsOptions,
    Omit<ClassMapOptions, 'categories'> {
  /** The folder of the masks: PNGs whose values are categories (palette or grey, up to 16 bits), or colours. */
  masks: string;
  /** Names in the order of the indices, or a text file with one on each line. */
  categories: string | readonly string[];
}

/**
 * Images with a category for each pixel, for semantic segmentation. Masks are read when their image is.
 *
 * @param images - The folder of the images.
 * @throws AnnotationError listing images without masks and masks without images. `get` throws DatasetError for a mask
 * that has another size than its image, a value that is no category, or colours that are not in `colors`.
 */
export async function maskFolder(
  images: string,
  {
    masks,
    categories: given,
    ignore,
    values,
    colors,
    ignoreColors,
    suffix,
    list,
    fix,
    collect,
    ...decoding
  }: MaskFolderOptions,
): Promise<Dataset> {
  const categories = await categoryNames(given);
  const pairs = await maskPairs(images, masks, {
    ...(suffix !== undefined && {suffix}),
    ...(list !== undefined && {list}),
    ...(fix !== undefined && {fix}),
    ...(collect && {collect}),
  });
  const classes: ClassMapOptions = {
    categories,
    ...(ignore && {ignore}),
    ...(values && {values}),
    ...(colors && {colors}),
    ...(ignoreColors && {ignoreColors}),
  };
  return {
    length: pairs.length,
    categories,
    async get(index, decoder = decodeHere) {
      checkIndex(index, pairs.length);
      const {image: file, mask} = pairs[index];
      const [image, png] = [await decoder.whole(file, decoding), await readMaskPng(mask)];
      if (png.width !== image.width || png.height !== image.height) {
        throw new DatasetError(
          mask,
          `the mask is ${png.width} × ${png.height}, but its image ${image.width} × ${image.height}. ` +
            'Resize it to that size without interpolation (nearest), or find the mask that belongs to the image.',
        );
      }
      try {
        const sample = {image, classMap: classMapOf(png, classes), file};
        checkSample(sample, categories.length);
        return sample;
      } catch (error) {
        if (error instanceof DatasetError) throw error;
        throw new DatasetError(mask, (error as Error).message, {cause: error});
      }
    },
  };
}
