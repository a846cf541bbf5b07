import type {Module, StateDiff} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';
import {toModelLayout} from './filterLayout.js';
import {readWeights} from './readWeights.js';
import type {WeightsFile} from './weightsFile.js';
import {WeightsFileError} from './weightsFileError.js';

export interface LoadWeightsOptions {
  /** Refuse a file that does not fit the model exactly; `false` loads what fits and reports the rest. @defaultValue true */
  strict?: boolean;
  /** The name of the dictionary to take out of a torch checkpoint that holds several; searched for by default. */
  key?: string;
}

/** What a file held for a model. */
export interface LoadedWeights extends StateDiff {
  /** How many tensors were set. */
  loaded: number;
  /** The strings stored in the file. */
  metadata: Record<string, string>;
}

/**
 * Sets a model's parameters and buffers from a file that {@link readWeights} can read. PyTorch's names are the model's
 * own; a `module.` before all of them (left there by DataParallel) and `num_batches_tracked` are dropped, and filters
 * are turned from `[out, in, h, w]`.
 *
 * @returns What did not fit (nothing, if strict) and the file's metadata.
 * @throws WeightsFileError if the file cannot be read, or fits another architecture.
 */
export async function loadWeights(
  model: Module,
  path: string,
  {strict = true, key}: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const {tensors, metadata} = await readWeights(path, key === undefined ? {} : {key});
  const state = model.stateDict();
  const diff = compare(state, modelNames(tensors));
  const problems = describe(diff);
  if (problems && strict) {
    const total = Object.keys(state).length;
    throw new WeightsFileError(
      path,
      `the weights do not fit ${model.constructor.name} (${total} tensors):\n${problems}\n` +
        'Build the model that the file was made for, or load what fits with {strict: false}.',
    );
  }
  const fitting: Record<string, tf.Tensor> = {};
  try {
    for (const [name, tensor] of diff.fitting) fitting[name] = toModelLayout(tensor);
    model.loadStateDict(fitting, {strict: false});
  } finally {
    for (const tensor of Object.values(fitting)) tensor.dispose();
  }
  const {missing, unexpected, misshapen} = diff;
  return {loaded: diff.fitting.size, missing, unexpected, misshapen, metadata};
}

type Tensors = WeightsFile['tensors'];

function modelNames(tensors: Tensors): Tensors {
  const kept = [...tensors].filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name));
  const prefixed = kept.length > 0 && kept.every(([name]) => name.startsWith('module.'));
  return new Map(kept.map(([name, tensor]) => [prefixed ? name.slice('module.'.length) : name, tensor]));
}

// Compared before anything is uploaded, in the file's order of axes.
function compare(state: Record<string, tf.Tensor>, tensors: Tensors): StateDiff & {fitting: Tensors} {
  const fitting: Tensors = new Map();
  const misshapen: StateDiff['misshapen'] = [];
  for (const [name, tensor] of tensors) {
    if (!Object.hasOwn(state, name)) continue;
    const expected = fileShape(state[name].shape);
    if (String(expected) === String(tensor.shape)) fitting.set(name, tensor);
    else misshapen.push({name, expected, got: tensor.shape});
  }
  return {
    fitting,
    misshapen,
    missing: Object.keys(state).filter(name => !tensors.has(name)),
    unexpected: [...tensors.keys()].filter(name => !Object.hasOwn(state, name)),
  };
}

const fileShape = (shape: readonly number[]) =>
  shape.length === 4 ? [3, 2, 0, 1].map(axis => shape[axis]) : [...shape];

function describe({missing, unexpected, misshapen}: StateDiff): string {
  const shapes = misshapen.map(({name, expected, got}) => `${name} expected [${expected}], got [${got}]`);
  return [
    list('missing in the file', missing),
    list('unknown to the model', unexpected),
    list('of another shape', shapes),
  ]
    .filter(Boolean)
    .join('\n');
}

function list(title: string, names: string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, 4).join(', ');
  const rest = names.length > 4 ? `, and ${names.length - 4} more` : '';
  return `  ${names.length} ${title}: ${shown}${rest}`;
}
