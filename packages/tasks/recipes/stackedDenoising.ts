// What layers learn from images without labels is worth to a classifier with few: three layers of 500 sigmoid units, each
// pretrained on 60,000 digits of MNIST as a denoising autoencoder of what the layers below give (a quarter of it set to
// zero), then a softmax layer and fine-tuning of all on 1,000 labelled digits (Vincent et al., JMLR 11, 2010); against the
// same network from scratch, and against one of rectified units, which needs no pretraining as much. Six passes a layer,
// Adam; fine-tuning fifty passes in batches of 50, Adam. A seed decides the digits, too.
//   node --import=tsx packages/tasks/recipes/stackedDenoising.ts runs/stackedDenoising
// Three minutes a seed on one core. Expect of the 10,000 test digits, as means of three seeds, 91.4 % after pretraining (91.2
// to 91.6) and 88.5 % from scratch (88.3 to 88.7): every seed gains 2.8 to 3.2 points, a quarter of the errors. Two passes a
// layer gave the same. Rectified units from scratch reach 91.6 % (91.3 to 91.9): with them the bad start that pretraining
// mends is not there.
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Random, selectEngine} from '@foveal/core';
import {subset} from '@foveal/data';
import {
  classifier,
  curve,
  DenseAutoencoder,
  EncoderBackbone,
  evaluate,
  stackedPretraining,
  train,
} from '@foveal/tasks';
import {all, draw, preprocess, testing} from './fewDigits.ts';

const [out = 'runs/stackedDenoising', epochs = '6', seeds = '3', labelled = '1000', unlabelled = '60000'] =
  process.argv.slice(2);
const layers = [500, 500, 500];
const fineTuning = 50;

const engine = await selectEngine();

const starts = ['pretrained', 'from scratch', 'from scratch, rectified'] as const;
type Start = (typeof starts)[number];
interface Run {
  passes: number[];
  test: number;
}

async function learn(seed: number, start: Start): Promise<Run> {
  const activation = start === 'from scratch, rectified' ? 'relu' : 'sigmoid';
  const random = new Random(seed);
  const network = new DenseAutoencoder({layers, activation, codeActivation: activation, random});
  if (start === 'pretrained') {
    await stackedPretraining(
      network,
      subset(
        all,
        Array.from({length: Number(unlabelled)}, (_, i) => i),
      ),
      {
        epochs: Number(epochs),
        batchSize: 100,
        optimizer: 'adam',
        learningRate: 1e-3,
        weightDecay: 0,
        corruption: {kind: 'masking', rate: 0.25},
        seed,
        onProgress: () => {},
        onLayer: (layer, {seconds}) =>
          console.error(`seed ${seed}: layer ${layer + 1} in ${seconds.toFixed(0)} s`),
      },
    );
  }
  const {training, validation} = await draw(seed, Number(labelled) / 10);
  const backbone = new EncoderBackbone(network, {random});
  const task = classifier(backbone, {categories: all.categories, preprocess});
  const {epochs: records} = await train(task, training, {
    epochs: fineTuning,
    batchSize: 50,
    optimizer: 'adam',
    learningRate: 1e-3,
    weightDecay: 0,
    seed,
    validation,
    onProgress: () => {},
  });
  const {top1} = await evaluate(task, testing);
  console.error(`seed ${seed}, ${start}: ${(100 * top1).toFixed(2)} %`);
  backbone.dispose();
  network.decoder.dispose();
  return {passes: records.map(({validation}) => (validation as {top1: number}).top1), test: top1};
}

const runs = new Map(starts.map((start): [Start, Run[]] => [start, []]));
const began = performance.now();
for (let seed = 1; seed <= Number(seeds); seed++)
  for (const start of starts) runs.get(start)?.push(await learn(seed, start));

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
mkdirSync(out, {recursive: true});
const picture = join(out, 'curves.png');
const averages = (of: readonly Run[], figure: (top1: number) => number) =>
  of[0].passes.map((_, pass) => [pass + 1, mean(of.map(({passes}) => figure(passes[pass])))] as const);
writeFileSync(
  picture,
  await curve({
    title: `MNIST with ${labelled} labels: three layers of 500 units, by how they start`,
    xName: `passes over the ${labelled} labelled images`,
    panels: [
      {
        title: 'misread of 1,000 others, in a hundred',
        series: [...runs].map(([name, of]) => ({name, points: averages(of, top1 => 100 * (1 - top1))})),
      },
    ],
  }),
);
for (const [start, of] of runs) {
  const each = of.map(({test}) => percent(test)).join(', ');
  console.log(`${start.padEnd(26)} ${percent(mean(of.map(({test}) => test)))}  (${each})`);
}
console.log(`${((performance.now() - began) / 60_000).toFixed(1)} minutes, ${engine.name}\n${picture}`);
