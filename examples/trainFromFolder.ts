// Trains a classifier on a folder with a folder of images for each class (cats/1.jpg, dogs/1.jpg), from nothing.
//   node --import=tsx examples/trainFromFolder.ts photos/ runs/photos
import {Random, selectEngine} from '@foveal/core';
import {compose, imageFolder, randomCrop, randomFlip, split} from '@foveal/data';
import {classifier, evaluate, train} from '@foveal/tasks';

const [folder = 'photos', out = 'runs/photos', epochs = '20'] = process.argv.slice(2);
await selectEngine();

const all = await imageFolder(folder);
const {train: training, validation} = split(all, {validation: 0.2, random: new Random(7)});
const model = classifier('resnet20', {categories: all.categories});

const {best, files} = await train(model, training, {
  epochs: Number(epochs),
  batchSize: 32,
  learningRate: 0.05,
  augment: compose(randomCrop(), randomFlip()),
  validation,
  out,
  overwrite: true,
});

const {top1} = await evaluate(model, validation);
console.log(`${(100 * top1).toFixed(1)} % of ${validation.length} validation images are right.`);
console.log(`best after epoch ${best?.epoch}: ${files?.best}, learning curve: ${files?.curve}`);
