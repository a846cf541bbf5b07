// Trains a detector on boxes of one's own, in COCO's form, measures it, and finds objects on the images kept back.
//   node --import=tsx examples/trainDetector.ts annotations.json runs/cells resnet18.pth
import {Random, selectEngine} from '@foveal/core';
import {coco, colorJitter, compose, randomFlip, split} from '@foveal/data';
import {detectorNamed, evaluate, predict, train} from '@foveal/tasks';

const [file = 'annotations.json', out = 'runs/objects', weights, epochs = '12', side = '480'] =
  process.argv.slice(2);
await selectEngine();

const cells = await coco(file);
const {train: training, validation} = split(cells, {validation: 0.25, random: new Random(7)});
const model = await detectorNamed('fasterrcnn', {
  categories: cells.categories,
  backbone: 'resnet18',
  imageSize: Number(side),
  ...(weights && {backboneWeights: weights}),
});

const {files} = await train(model, training, {
  epochs: Number(epochs),
  batchSize: 4,
  learningRate: 0.01,
  clipNorm: 10,
  augment: compose(randomFlip(), colorJitter({brightness: 0.3})),
  validation,
  out,
  overwrite: true,
});

const {AP, AP50} = await evaluate(model, validation);
console.log(`AP ${AP.toFixed(3)}, at half overlap ${AP50.toFixed(3)}; the model: ${files?.best}`);

const {file: photo = ''} = await validation.get(0);
for await (const {boxes, labels, scores} of predict(model, [photo])) {
  const found = Array.from(
    labels,
    (label, i) => `${cells.categories[label]} ${scores[i].toFixed(2)} at ${boxes[i]}`,
  );
  console.log([photo, ...found].join('\n  '));
}
