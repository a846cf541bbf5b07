import {type Dataset, mosaic} from '@foveal/data';
import type {Augment} from '../train/dataOrder.js';

/** Joins an image, half of the time, with three others of the dataset, drawn at random; the image keeps its size. */
export const mosaicAugment =
  (dataset: Dataset): Augment =>
  async (sample, random) => {
    if (random.next() < 0.5) return sample;
    const {width, height} = sample.image;
    const others = [0, 1, 2].map(() => random.int(dataset.length));
    const [a, b, c] = await Promise.all(others.map(index => dataset.get(index)));
    return mosaic({size: [height, width], minVisible: 0.3})([sample, a, b, c], random);
  };
