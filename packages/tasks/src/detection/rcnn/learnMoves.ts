// Girshick et al., arXiv:1311.2524, appendix C: bounding-box regression.
import * as tf from '@tensorflow/tfjs-core';
import {encodeBoxes} from '../boxCoder.js';
import type {FeatureStore} from './featureStore.js';
import type {Rcnn} from './rcnn.js';
import {movesOf, type RegionExamples} from './regionExamples.js';
import {ridgeRegression} from './ridgeRegression.js';

export interface LearnMovesOptions {
  lambda: number;
  signal: AbortSignal | undefined;
  onCategory: (done: number) => void;
}

/**
 * A ridge regression for each category, from the features of a region to the move onto its object. A category without
 * such regions moves nothing.
 *
 * @returns false if the signal came before the end.
 */
export async function learnMoves(
  model: Rcnn,
  examples: readonly RegionExamples[],
  store: FeatureStore,
  {lambda, signal, onCategory}: LearnMovesOptions,
): Promise<boolean> {
  const solutions: {weight: tf.Tensor2D; bias: tf.Tensor1D}[] = [];
  try {
    for (const category of model.options.categories.keys()) {
      if (signal?.aborted) return false;
      solutions.push(await movesOfCategory(examples, store, category, lambda));
      onCategory(category + 1);
    }
    tf.tidy(() => {
      model.boxes.weight.assign(tf.concat(solutions.map(({weight}) => weight)));
      model.boxes.bias?.assign(tf.concat(solutions.map(({bias}) => bias)));
    });
    return true;
  } finally {
    tf.dispose(solutions);
  }
}

async function movesOfCategory(
  examples: readonly RegionExamples[],
  store: FeatureStore,
  category: number,
  lambda: number,
): Promise<{weight: tf.Tensor2D; bias: tf.Tensor1D}> {
  const rows: Float32Array[] = [];
  const [from, to]: [number[], number[]] = [[], []];
  for (const [image, regions] of examples.entries()) {
    const moves = movesOf(regions, category);
    if (moves.length === 0) continue;
    const row = await store.read(image);
    for (const {region, object} of moves) {
      rows.push(row(region));
      from.push(...regions.boxes.subarray(4 * region, 4 * region + 4));
      to.push(...regions.boxes.subarray(4 * object, 4 * object + 4));
    }
  }
  if (rows.length === 0) return {weight: tf.zeros([4, store.length]), bias: tf.zeros([4])};
  const values = new Float32Array(rows.length * store.length);
  rows.forEach((row, i) => {
    values.set(row, i * store.length);
  });
  const [x, y] = tf.tidy(() => {
    const boxes = (list: number[]) => tf.tensor2d(list, [rows.length, 4]);
    return [
      tf.tensor2d(values, [rows.length, store.length]),
      encodeBoxes(boxes(to), boxes(from), [1, 1, 1, 1]),
    ];
  });
  try {
    return await ridgeRegression(x, y, lambda);
  } finally {
    tf.dispose([x, y]);
  }
}
