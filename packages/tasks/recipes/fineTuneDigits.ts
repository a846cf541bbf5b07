// What weights learnt on CIFAR-10's animals and vehicles are worth to another problem with few images: handwritten
// digits, 100 of each as colour images of 32 × 32. ResNet-20 from those weights with a new last layer, against the
// same network from scratch: the same digits, ten passes, batch 32, SGD with a highest rate of 0.03 (0.1 brings either
// at most 0.3 points more, 0.01 less). Three seeds each; a seed decides which digits, too.
//   node --import=tsx packages/tasks/recipes/fineTuneDigits.ts resnet20-12fca82f.th runs/fineTuneDigits
// Six minutes on two cores. Expect 97.5 % of the 10,000 test digits from the weights, 96.3 % from scratch: 1.2 points
// more (each seed 0.9 to 1.4), a third fewer errors. After two passes it is 95 % against 63 %.
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {selectEngine} from '@foveal/core';
import {loadWeights} from '@foveal/models';
import {classifier, curve, evaluate, type Series, train} from '@foveal/tasks';
import {all, draw, testing} from './fewDigits.ts';

const [weights = '', out = 'runs/fineTuneDigits', epochs = '10', seeds = '3'] = process.argv.slice(2);
const perClass = 100;

if (!existsSync(weights)) {
  console.error(
    `fineTuneDigits: ${weights ? `there is no file ${weights}` : 'no weights were named'}. The first argument is the ` +
      'path of resnet20-12fca82f.th, which is CIFAR-10 weights of ResNet-20: `foveal models --json` has its address.',
  );
  process.exit(2);
}
const engine = await selectEngine();

interface Run {
  /** Top-1 accuracy on the validation digits after each pass. */
  passes: number[];
  /** Top-1 accuracy on the 10,000 test digits in the end. */
  test: number;
}

async function learn(seed: number, start: 'weights' | 'scratch'): Promise<Run> {
  const {training, validation} = await draw(seed, perClass);
  const task = classifier('resnet20', {categories: all.categories, seed});
  // CIFAR-10 has ten classes as well, but others: the last layer would start from what frogs look like.
  if (start === 'weights') await loadWeights(task.model, weights, {head: 'renew'});
  const {epochs: records} = await train(task, training, {
    epochs: Number(epochs),
    batchSize: 32,
    optimizer: 'sgd',
    learningRate: 0.03,
    warmup: 1,
    weightDecay: 5e-4,
    seed,
    validation,
  });
  const {top1} = await evaluate(task, testing);
  task.model.dispose();
  return {passes: records.map(({validation}) => (validation as {top1: number}).top1), test: top1};
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const each = (runs: readonly Run[]) => runs.map(({test}) => percent(test)).join(', ');

const runs: Record<'weights' | 'scratch', Run[]> = {weights: [], scratch: []};
for (let seed = 1; seed <= Number(seeds); seed++) {
  for (const start of ['weights', 'scratch'] as const) runs[start].push(await learn(seed, start));
}

/** The mean over the seeds after each pass, of a figure made of the accuracy. */
const averages = (of: readonly Run[], figure: (top1: number) => number) =>
  of[0].passes.map((_, pass) => [pass + 1, mean(of.map(({passes}) => figure(passes[pass])))] as const);
const series = (figure: (top1: number) => number): Series[] => [
  {name: 'from CIFAR-10 weights', points: averages(runs.weights, figure), style: 'marked', color: 0},
  {name: 'from scratch', points: averages(runs.scratch, figure), style: 'marked', color: 1},
];
mkdirSync(out, {recursive: true});
const picture = join(out, 'curves.png');
writeFileSync(
  picture,
  await curve({
    title: `ResNet-20 on ${perClass} digits a class`,
    xName: 'passes over the digits',
    panels: [
      {title: 'top-1 accuracy on 1,000 other digits', percent: true, series: series(top1 => top1)},
      {title: 'misread, of a hundred', series: series(top1 => 100 * (1 - top1))},
    ],
  }),
);
const [tuned, scratch] = [runs.weights, runs.scratch].map(of => mean(of.map(({test}) => test)));
console.log(
  `On ${testing.length.toLocaleString('en')} test digits, ${engine.name}:\n` +
    `  from CIFAR-10 weights  ${percent(tuned)}  (${each(runs.weights)})\n` +
    `  from scratch           ${percent(scratch)}  (${each(runs.scratch)})\n` +
    `  the weights are worth ${(100 * (tuned - scratch)).toFixed(1)} points\n${picture}`,
);
