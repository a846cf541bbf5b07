import type {Preprocess} from '@foveal/core';

const imageNetStatistics = {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]};

/** What torchvision's first ImageNet weights were evaluated with. */
export const imageNetEval: Preprocess = {
  inputSize: [224, 224],
  resize: 256,
  color: 'rgb',
  scale: 1 / 255,
  ...imageNetStatistics,
};

/** CIFAR-10 and -100 at their own size, with ImageNet's statistics, as the known checkpoints were trained. */
export const cifarEval: Preprocess = {
  inputSize: [32, 32],
  color: 'rgb',
  scale: 1 / 255,
  ...imageNetStatistics,
};

/** MNIST at its own size, with the mean and deviation of its training images. */
export const mnistEval: Preprocess = {
  inputSize: [28, 28],
  color: 'gray',
  scale: 1 / 255,
  mean: [0.1307],
  std: [0.3081],
};
