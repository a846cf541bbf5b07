// Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008, algorithm 1 (L1-SVM): what
// liblinear, which R-CNN used, does.
import type {Random} from '@foveal/core';

/** A thing to learn from. */
export interface SvmExample {
  /** `[D]`. */
  features: Float32Array;
  /** 1 for the class, −1 for all else. */
  sign: 1 | -1;
  /** Its weight in the solution, in [0, cost]; above 0 for support vectors. Training goes on from here. */
  alpha: number;
}

export interface SvmOptions {
  /** What a margin missed by 1 costs, beside `½ ‖w‖²`. @defaultValue 1e-3, as R-CNN */
  cost?: number;
  /** The value of a further feature that is the same for all; the bias is regularised the less, the larger. @defaultValue 10 */
  biasFeature?: number;
  /** How far the optimality conditions may be missed. @defaultValue 1e-3 */
  tolerance?: number;
  /** Passes over the examples, at most. @defaultValue 1000 */
  passes?: number;
  /** Decides the order of the examples within a pass. */
  random: Random;
}

/** Scores `weight · x + bias`. */
export interface LinearSvm {
  /** `[D]`. */
  weight: Float32Array;
  bias: number;
}

/**
 * Minimises `½ ‖w‖² + cost · Σ max(0, 1 − sign · (w · x + b))`, exactly up to the tolerance. Writes each example's
 * `alpha`, so that training after a change of the examples starts near the solution.
 *
 * @throws RangeError if there is no example.
 */
export function trainSvm(
  examples: readonly SvmExample[],
  {cost = 1e-3, biasFeature = 10, tolerance = 1e-3, passes = 1000, random}: SvmOptions,
): LinearSvm {
  if (examples.length === 0) throw new RangeError('trainSvm: there is no example to learn from.');
  const length = examples[0].features.length;
  const weight = new Float64Array(length);
  let bias = 0;
  const add = ({features}: SvmExample, by: number) => {
    for (let d = 0; d < length; d++) weight[d] += by * features[d];
    bias += by * biasFeature;
  };
  for (const example of examples) if (example.alpha > 0) add(example, example.alpha * example.sign);
  const squares = examples.map(({features}) => dot(features, features) + biasFeature ** 2);
  const order = Int32Array.from(examples.keys());
  for (let pass = 0; pass < passes; pass++) {
    let worst = 0;
    for (const i of random.shuffle(order)) {
      const example = examples[i];
      const {features, sign, alpha} = example;
      const gradient = sign * (dot(features, weight) + bias * biasFeature) - 1;
      const free = (alpha > 0 || gradient < 0) && (alpha < cost || gradient > 0);
      if (!free || gradient === 0 || squares[i] === 0) continue;
      worst = Math.max(worst, Math.abs(gradient));
      example.alpha = Math.min(Math.max(alpha - gradient / squares[i], 0), cost);
      add(example, (example.alpha - alpha) * sign);
    }
    if (worst < tolerance) break;
  }
  return {weight: Float32Array.from(weight), bias: bias * biasFeature};
}

/** What an SVM says of features: above 0 for its class, beyond ±1 outside of the margin. */
export const svmScore = ({weight, bias}: LinearSvm, features: Float32Array): number =>
  dot(features, weight) + bias;

function dot(a: Float32Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
