import type {PickleDict, PickleValue} from './pickleValue.js';
import {TorchTensor} from './torchPickle.js';

/** Where training programs put the weights inside a checkpoint, the likeliest first. */
const wrappers = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'params_ema',
  'params',
  'ema',
  'net',
  'network',
  'module',
  'weights',
];

/**
 * Finds the dictionary of tensors in what a checkpoint holds, and keeps the numbers and strings beside it.
 *
 * @param key - Take the dictionary under this name instead of searching.
 * @throws Error if there is none, saying what is there.
 */
export function stateDictIn(
  root: PickleValue,
  key?: string,
): {tensors: Map<string, TorchTensor>; metadata: Record<string, string>} {
  const notes = new Map<string, string>();
  let dict = root;
  for (let depth = 0; dict instanceof Map && depth < 4; depth++) {
    collectNotes(dict, notes);
    const parent: PickleDict = dict;
    const wrapper = (key !== undefined && depth === 0 ? [key] : wrappers).find(
      name => parent.get(name) instanceof Map,
    );
    if (wrapper === undefined) break;
    dict = parent.get(wrapper)!;
  }
  const tensors = new Map<string, TorchTensor>();
  if (dict instanceof Map) {
    for (const [name, value] of dict) {
      if (typeof name === 'string' && value instanceof TorchTensor) tensors.set(name, value);
    }
  }
  if (tensors.size === 0)
    throw new Error(`no dictionary of tensors was found${key ? ` under "${key}"` : ''}; ${found(root)}`);
  return {tensors, metadata: Object.fromEntries(notes)};
}

function collectNotes(dict: PickleDict, notes: Map<string, string>): void {
  for (const [name, value] of dict) {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (typeof name === 'string' && plain) notes.set(name, String(value));
  }
}

function found(root: PickleValue): string {
  if (root instanceof TorchTensor)
    return 'the file holds one bare tensor. Save a dictionary of tensors instead';
  if (!(root instanceof Map)) return 'the file holds something else. Save model.state_dict() instead';
  const names = [...root.keys()]
    .slice(0, 8)
    .map(name => (typeof name === 'string' ? JSON.stringify(name.slice(0, 40)) : `a ${typeof name}`));
  return `the file holds ${names.join(', ') || 'an empty dictionary'}. Name the right one with {key}`;
}
