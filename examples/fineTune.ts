// Teaches a network that was trained on other classes to tell one's own apart: first its new last layer, then all.
//   node --import=tsx examples/fineTune.ts photos/ resnet20-12fca82f.th runs/fineTuned
import {Random, selectEngine} from '@foveal/core';
import {imageFolder, split} from '@foveal/data';
import {loadWeights} from '@foveal/models';
import {classifier, evaluate, train} from '@foveal/tasks';

const [folder = 'photos', weights = 'resnet20.th', out = 'runs/fineTuned', epochs = '5'] =
  process.argv.slice(2);
await selectEngine();

const all = await imageFolder(folder);
const {train: training, validation} = split(all, {validation: 0.2, random: new Random(7)});
const task = classifier('resnet20', {categories: all.categories});

const {loaded, newHead} = await loadWeights(task.model, weights, {head: 'replace'});
console.log(
  `${loaded} tensors loaded; started anew for ${all.categories.length} classes: ${newHead.join(', ')}`,
);

// The new layer's first gradients are noise; they must not reach what the others have learnt.
task.model.freeze();
for (const [name, parameter] of task.model.namedParameters()) {
  if (newHead.includes(name)) parameter.trainable = true;
}
await train(task, training, {epochs: 1, batchSize: 32, optimizer: 'adam', learningRate: 1e-3});

task.model.unfreeze();
const rates = {batchSize: 32, optimizer: 'adam', learningRate: 1e-4} as const;
const {files} = await train(task, training, {
  ...rates,
  epochs: Number(epochs),
  validation,
  out,
  overwrite: true,
});

const {top1} = await evaluate(task, validation);
console.log(
  `${(100 * top1).toFixed(1)} % of ${validation.length} validation images are right: ${files?.best}`,
);
