import type {AnyTask} from '../task.js';
import type {Augmentation} from './taskKind.js';

/** Changes of whole labelled images that `--augment` names. */
export const imageAugmentations: Readonly<Record<string, Augmentation>> = {
  'crop-flip': {
    about: 'shifted by up to 4 pixels, and mirrored',
    async make() {
      const {compose, randomCrop, randomFlip} = await import('@foveal/data');
      return compose(randomCrop(), randomFlip());
    },
  },
  flip: {
    about: 'mirrored',
    make: async () => (await import('@foveal/data')).randomFlip(),
  },
  'resized-crop': {
    about: 'a part of 8 % to 100 % of the area, at the size of the model',
    make: async (_dataset, task) =>
      (await import('@foveal/data')).randomResizedCrop({size: inputSizeOf(task)}),
  },
  jitter: {
    about: 'brightness, contrast and saturation by up to 40 %, hue by 10 %',
    make: async () =>
      (await import('@foveal/data')).colorJitter({
        brightness: 0.4,
        contrast: 0.4,
        saturation: 0.4,
        hue: 0.1,
      }),
  },
  affine: {
    about: 'turned by up to 10°, moved and scaled by 10 %, sheared by 5°',
    make: async () =>
      (await import('@foveal/data')).randomAffine({
        degrees: 10,
        translate: [0.1, 0.1],
        scale: [0.9, 1.1],
        shear: 5,
      }),
  },
  erase: {
    about: 'a rectangle of 2 % to 33 % of the area erased, in a quarter of the images',
    make: async () => (await import('@foveal/data')).randomErasing({probability: 0.25}),
  },
};

function inputSizeOf({description}: AnyTask): readonly [number, number] {
  const {preprocess} = description;
  if (preprocess) return preprocess.inputSize;
  throw new TypeError('resized-crop: the task has no preprocessing, so the size of its images is unknown.');
}
