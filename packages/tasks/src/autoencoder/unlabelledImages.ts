import {type Dataset, DatasetError, decodeImage} from '@foveal/data';
import {imageFiles} from '../predict/imageFiles.js';

/**
 * All images in a folder and below it, in the order of their names, without labels: what autoencoders learn from.
 *
 * @throws DatasetError if there are none.
 */
export async function unlabelledImages(folder: string): Promise<Dataset> {
  const files: string[] = [];
  for await (const file of imageFiles([folder])) files.push(file);
  if (files.length === 0) throw new DatasetError(folder, 'no images in it.');
  return {
    length: files.length,
    categories: [],
    async get(index, decoder) {
      const file = files[index];
      return {image: await (decoder ? decoder.unseen(file) : decodeImage(file)), file};
    },
  };
}
