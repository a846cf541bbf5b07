import type {TensorInfo} from '@tensorflow/tfjs-core';
import {loadAddon, type NativeValues} from './addon.js';
import {dataOf, freeData, TorchData, tfjsDtype} from './table.js';

/**
 * An argument of an operator. Whole numbers travel as integers, so that they do not promote integer tensors; dtypes
 * are named (`'float32'`, `'int64'`), memory formats too (`'channels_last'`); `undefined` takes the schema's default.
 */
export type Arg =
  | TensorInfo
  | readonly (TensorInfo | null)[]
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly number[]
  | readonly boolean[];

// The tags of native/operators.h.
const tags = {default: 0, none: 1, tensor: 2, number: 3, bool: 4, string: 5, numbers: 6, tensors: 7} as const;

interface Operator {
  handle: number;
  /** It may write into its tensors, so a tensor in several hands must not look exclusive. */
  writes: boolean;
}

const operators = new Map<string, Operator>();
const names = new Map<string, number>();
let wire = new Float64Array(0);
let scope: TensorInfo[] | undefined;

/**
 * Runs one operator of torch's dispatcher that returns one tensor.
 *
 * Inside a kernel the result is freed when the kernel ends, unless it is returned; outside, the caller owns it.
 *
 * @param op - `'aten::relu'`, `'aten::sum.dim_IntList'`, `'foveal::conv2d'`, …
 * @param args - Matched to the operator's schema in order; missing ones take the schema's defaults.
 * @returns The dtype is tfjs's nearest: int64 counts as int32. A kernel's result is narrowed to it.
 * @throws Error with torch's message; with code `FOVEAL_OUT_OF_MEMORY` and the sizes where memory is short.
 */
export function run(op: string, ...args: Arg[]): TensorInfo {
  const results = call(op, args);
  if (results !== 1) throw new Error(`${op} returned ${results} results: use runMany`);
  cursor = 0;
  const info = readInfo();
  if (!info) throw new Error(`${op} returned a number, not a tensor: use runNumber`);
  return info;
}

/** Runs one operator that returns several tensors or a list of tensors; see {@link run}. */
export function runMany(op: string, ...args: Arg[]): TensorInfo[] {
  const results = call(op, args);
  const infos: TensorInfo[] = [];
  cursor = 0;
  for (let i = 0; i < results; i++) {
    const info = readInfo();
    if (info) infos.push(info);
  }
  return infos;
}

/** Runs one operator that returns a number or a boolean; on CUDA this waits for the device. */
export function runNumber(op: string, ...args: Arg[]): number {
  call(op, args);
  return wire[1];
}

/**
 * Copies values to the engine's device; see {@link run} for who owns the result.
 *
 * @param native - Torch's ScalarType, see `nativeDtype`.
 */
export function upload(values: NativeValues, shape: readonly number[], native: number): TensorInfo {
  const handle = loadAddon().upload(values, native, Float64Array.from(shape));
  return own(handle, native, shape.slice());
}

/** The handle of a new tensor with one value throughout: for a scalar cheaper than an upload. */
export function fill(shape: readonly number[], value: number, dtype: string): number {
  call('aten::full', [shape, value, dtype]);
  return wire[0];
}

/** The schema of an operator, as torch prints it. */
export const schema = (op: string): string => loadAddon().schema(resolve(op).handle);

/** Runs a kernel's body and frees every tensor that {@link run} made in it, but those it returns. */
export function freeIntermediates<T extends TensorInfo | TensorInfo[]>(body: () => T): T {
  const outer = scope;
  const made: TensorInfo[] = [];
  scope = made;
  let kept: T | undefined;
  try {
    kept = body();
    return kept;
  } finally {
    scope = outer;
    for (const info of made) {
      if (info !== kept && !(Array.isArray(kept) && kept.includes(info))) freeData(info.dataId as TorchData);
    }
  }
}

function resolve(op: string): Operator {
  let operator = operators.get(op);
  if (operator === undefined) {
    const [name, overload = ''] = op.split('.');
    operator = {handle: loadAddon().resolve(name, overload), writes: op.endsWith('_step')};
    operators.set(op, operator);
  }
  return operator;
}

function call(op: string, args: readonly Arg[]): number {
  const addon = loadAddon();
  const {handle, writes} = resolve(op);
  bringHere(args);
  const aliases: number[] | undefined = writes ? [] : undefined;
  try {
    const length = encode(args, aliases);
    const results = addon.call(handle, length);
    if (results >= 0) return results;
    reserve(0, -results);
    return addon.take();
  } finally {
    if (aliases) for (const alias of aliases) addon.free(alias);
  }
}

/** Moves what another backend holds: that may run operators itself, so nothing of this call is on the wire yet. */
function bringHere(args: readonly Arg[]): void {
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null) continue;
    if (!isList(arg)) dataOf(arg.dataId);
    else for (const item of arg) if (typeof item === 'object' && item !== null) dataOf(item.dataId);
  }
}

/** Writes the arguments to the wire and returns their length. The tensors are here: see {@link bringHere}. */
function encode(args: readonly Arg[], aliases: number[] | undefined): number {
  let at = 0;
  for (const arg of args) {
    if (at + 2 > wire.length) reserve(at, 2);
    if (typeof arg === 'number') {
      wire[at++] = tags.number;
      wire[at++] = arg;
    } else if (typeof arg === 'boolean') {
      wire[at++] = tags.bool;
      wire[at++] = arg ? 1 : 0;
    } else if (typeof arg === 'string') {
      wire[at++] = tags.string;
      wire[at++] = intern(arg);
    } else if (arg === undefined) {
      wire[at++] = tags.default;
    } else if (arg === null) {
      wire[at++] = tags.none;
    } else if (isList(arg)) {
      reserve(at, arg.length + 2);
      const ofTensors = typeof arg[0] === 'object';
      wire[at++] = ofTensors ? tags.tensors : tags.numbers;
      wire[at++] = arg.length;
      for (const item of arg) {
        wire[at++] = item === null ? -1 : typeof item === 'object' ? handleOf(item, aliases) : Number(item);
      }
    } else {
      const handle = handleOf(arg, aliases);
      wire[at++] = tags.tensor;
      wire[at++] = handle;
    }
  }
  return at;
}

const isList = Array.isArray as (arg: unknown) => arg is readonly (TensorInfo | null | number | boolean)[];

function handleOf(info: TensorInfo, aliases: number[] | undefined): number {
  const {handle, refCount} = dataOf(info.dataId);
  if (handle < 0) throw new Error('strings stay in JavaScript: an operator of torch cannot take them');
  if (aliases && refCount > 1) aliases.push(loadAddon().alias(handle));
  return handle;
}

function intern(text: string): number {
  let index = names.get(text);
  if (index === undefined) names.set(text, (index = loadAddon().intern(text)));
  return index;
}

/** Makes room for `more` numbers after the first `used`. */
function reserve(used: number, more: number): void {
  if (used + more <= wire.length) return;
  const longer = new Float64Array(Math.max(4096, 2 * (used + more)));
  longer.set(wire.subarray(0, used));
  wire = longer;
  loadAddon().bind(wire);
}

let cursor = 0;

/** The next result on the wire; undefined for a number. */
function readInfo(): TensorInfo | undefined {
  const handle = wire[cursor];
  const native = wire[cursor + 1];
  if (handle < 0) {
    cursor += 2;
    return undefined;
  }
  const rank = wire[cursor + 2];
  cursor += 3;
  const shape: number[] = [];
  for (let d = 0; d < rank; d++) shape.push(wire[cursor++]);
  return own(handle, native, shape);
}

/** Gives a handle an identity. */
function own(handle: number, native: number, shape: number[]): TensorInfo {
  const info: TensorInfo = {dataId: new TorchData(handle, native), shape, dtype: tfjsDtype(native)};
  scope?.push(info);
  return info;
}
