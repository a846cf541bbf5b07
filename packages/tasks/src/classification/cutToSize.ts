import {type Preprocess, Random} from '@foveal/core';
import {centerCrop, compose, type Dataset, resize} from '@foveal/data';

/**
 * A dataset of changed images, all of the size that the model sees. One that has it already, as a random crop leaves it,
 * stays as it is; the others are resized and cut as for evaluation.
 *
 * @returns the dataset, and the preprocessing that is left to do.
 */
export function cutToSize(
  dataset: Dataset,
  {resize: shorter, ...preprocess}: Preprocess,
): {dataset: Dataset; preprocess: Preprocess} {
  if (shorter === undefined) return {dataset, preprocess};
  const [height, width] = preprocess.inputSize;
  const cut = compose(resize({shorter}), centerCrop({size: [height, width]}));
  // Neither of the two draws anything.
  const random = new Random(0);
  const sized: Dataset = {
    ...dataset,
    async get(index, decoder) {
      const sample = await dataset.get(index, decoder);
      const {image} = sample;
      return image.width === width && image.height === height ? sample : cut(sample, random);
    },
  };
  return {dataset: sized, preprocess};
}
