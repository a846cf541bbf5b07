import type {Module, Preprocess, StateDiff} from '@foveal/core';
import type * as tf from '@tensorflow/tfjs-core';
import type {Backbone} from '../backbone.js';
import {toModelLayout} from './filterLayout.js';
import {readWeights} from './readWeights.js';
import type {WeightsFile} from './weightsFile.js';
import {WeightsFileError} from './weightsFileError.js';
import {preprocessIn} from './weightsPreprocess.js';

export interface LoadWeightsOptions {
  /** Refuse a file that does not fit the model exactly; `false` loads what fits and reports the rest. @defaultValue true */
  strict?: boolean;
  /**
   * `replace` starts the model's last layer anew where the file's has another number of classes, or none, and says so
   * in {@link LoadedWeights.newHead}; `renew` starts it anew in any case, since the classes may be others though there
   * are as many. All else must still fit. For fine-tuning. @defaultValue 'match'
   */
  head?: 'match' | 'replace' | 'renew';
  /** The name of the dictionary to take out of a torch checkpoint that holds several; searched for by default. */
  key?: string;
}

/** What a file held for a model. */
export interface LoadedWeights extends StateDiff {
  /** How many tensors were set. */
  loaded: number;
  /** Tensors of the last layer that were left as they were, since the file's classes are others; see `head`. */
  newHead: string[];
  /** What the file says that it expects of its images. */
  preprocess: Preprocess | undefined;
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
  {strict = true, head = 'match', key}: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const {tensors, metadata} = await readWeights(path, key === undefined ? {} : {key});
  const state = model.stateDict();
  const {fitting: fits, ...differences} = compare(state, modelNames(model, tensors));
  const newHead = head === 'match' ? [] : otherClasses(model, differences);
  if (head === 'renew' && newHead.length === 0) {
    newHead.push(...[...fits.keys()].filter(name => ownerOf(name) === lastLayer(model)));
    for (const name of newHead) fits.delete(name);
  }
  const diff = without(differences, new Set(newHead));
  const problems = describe(diff);
  if (problems && strict) {
    const total = Object.keys(state).length;
    const from = metadata['model'] ? `the file holds the model "${metadata['model']}"; ` : '';
    throw new WeightsFileError(
      path,
      `${from}the weights do not fit ${model.constructor.name} (${total} tensors):\n${problems}\n` +
        'Build the model that the file was made for; or load what fits: {strict: false}, or --partial of foveal ' +
        "train. For other classes start the last layer anew: {head: 'replace'}, as foveal train does.",
    );
  }
  const fitting: Record<string, tf.Tensor> = {};
  try {
    for (const [name, tensor] of fits) fitting[name] = toModelLayout(tensor);
    model.loadStateDict(fitting, {strict: false});
  } finally {
    for (const tensor of Object.values(fitting)) tensor.dispose();
  }
  return {loaded: fits.size, newHead, ...diff, metadata, preprocess: preprocessIn(metadata)};
}

type Tensors = WeightsFile['tensors'];

function modelNames(model: Module & Pick<Backbone, 'weightsName'>, tensors: Tensors): Tensors {
  const kept = [...tensors].filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name));
  const prefixed = kept.length > 0 && kept.every(([name]) => name.startsWith('module.'));
  return new Map(
    kept.flatMap(([name, tensor]) => {
      const bare = prefixed ? name.slice('module.'.length) : name;
      const own = model.weightsName ? model.weightsName(bare) : bare;
      return own === null ? [] : [[own, tensor] as const];
    }),
  );
}

/**
 * The tensors of the last layer, and of auxiliary ones, if they differ in nothing but the number of classes, or if the
 * file has no last layer at all.
 */
function otherClasses(model: Module, {missing, misshapen}: StateDiff): string[] {
  const last = lastLayer(model);
  const ofLast = missing.filter(name => ownerOf(name) === last);
  if (ofLast.length > 0) return ofLast;
  const weight = misshapen.find(({name}) => ownerOf(name) === last);
  if (!weight) return [];
  const [classes, fileClasses] = [weight.expected[0], weight.got[0]];
  return misshapen
    .filter(({expected: [first, ...rest], got: [got, ...others]}) => {
      return first === classes && got === fileClasses && String(rest) === String(others);
    })
    .map(({name}) => name);
}

const ownerOf = (name: string) => name.slice(0, name.lastIndexOf('.'));
const lastLayer = (model: Module) => ownerOf(model.namedParameters().at(-1)?.[0] ?? '');

function without({missing, unexpected, misshapen}: StateDiff, names: ReadonlySet<string>): StateDiff {
  return {
    missing: missing.filter(name => !names.has(name)),
    unexpected,
    misshapen: misshapen.filter(({name}) => !names.has(name)),
  };
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
