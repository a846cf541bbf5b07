// Girshick et al., arXiv:1311.2524, section 2.3, "Object category classifiers".
import type {Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {FeatureStore} from './featureStore.js';
import {HardNegativeSvm} from './hardNegatives.js';
import type {Rcnn} from './rcnn.js';
import {negativesOf, type RegionExamples} from './regionExamples.js';

export interface LearnSvmsOptions {
  cost: number;
  rounds: number;
  random: Random;
  signal: AbortSignal | undefined;
  onImage: (done: number) => void;
}

/** The norm that features have on average, so that one cost suits all backbones. */
const meanNorm = 20;

/**
 * An SVM for each category: the objects themselves against all regions that hardly overlap one, hard negatives only.
 *
 * @returns false if the signal came before the end; then the model is as it was.
 */
export async function learnSvms(
  model: Rcnn,
  examples: readonly RegionExamples[],
  store: FeatureStore,
  {cost, rounds, random, signal, onImage}: LearnSvmsOptions,
): Promise<boolean> {
  const {categories} = model.options;
  const scale = meanNorm / (await averageNorm(examples, store));
  const scaled = (features: Float32Array) => features.map(value => value * scale);
  const positives: Float32Array[][] = categories.map(() => []);
  for (const [image, {labels}] of examples.entries()) {
    const row = await store.read(image);
    for (const [object, label] of labels.entries()) positives[label].push(scaled(row(object)));
  }
  const svms = categories.map((name, category) => {
    if (positives[category].length > 0) {
      return new HardNegativeSvm(positives[category], {cost, random: random.split()});
    }
    throw new RangeError(`trainRcnn: no object of the category ${name} is labelled. Leave it out.`);
  });
  for (let round = 0; round < rounds; round++) {
    for (const [image, regions] of examples.entries()) {
      if (signal?.aborted) return false;
      const row = await store.read(image);
      svms.forEach((svm, category) => {
        svm.offer(
          negativesOf(regions, category).map(region => ({
            id: `${image}:${region}`,
            features: scaled(row(region)),
          })),
        );
      });
      onImage(round * examples.length + image + 1);
    }
  }
  const learnt = svms.map(svm => svm.result());
  tf.tidy(() => {
    // The scale goes into the templates, so that prediction takes features as they are.
    const templates = learnt.map(({weight}) => tf.mul(tf.tensor1d(weight), scale));
    model.svm.weight.assign(tf.stack(templates) as tf.Tensor2D);
    model.svm.bias?.assign(tf.tensor1d(learnt.map(({bias}) => bias)));
  });
  return true;
}

async function averageNorm(examples: readonly RegionExamples[], store: FeatureStore): Promise<number> {
  let [sum, count] = [0, 0];
  // As many images as tell the mean well.
  for (const [image, {boxes}] of examples.slice(0, 50).entries()) {
    const row = await store.read(image);
    for (let region = 0; region < boxes.length / 4; region++, count++) sum += norm(row(region));
  }
  return count === 0 || sum === 0 ? 1 : sum / count;
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
