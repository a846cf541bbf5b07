import type {DataType} from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import {loadAddon} from './addon.js';

/** tfjs's DataId: an object used as an identity. */
export type DataId = object;

/** What the torch backend knows of a tensor's data. */
export interface Entry {
  /** In the native store; -1 for strings, which stay in JavaScript. */
  readonly handle: number;
  /** Torch's ScalarType. */
  readonly native: number;
  /** UTF-8, of a tensor of strings. */
  readonly strings?: Uint8Array[];
  /** tfjs tensors that use this data. */
  refCount: number;
}

/** Torch's numbers for the dtypes of tfjs. */
export const nativeDtype = {
  float32: 6,
  int32: 3,
  bool: 11,
  complex64: 9,
  string: -1,
} as const satisfies Record<DataType, number>;

// uint8, int8, int16, int32, int64, float16, float32, float64, …: the dtype that tfjs sees for each of torch's.
const tfjsDtypes: readonly DataType[] = [
  'int32',
  'int32',
  'int32',
  'int32',
  'int32',
  'float32',
  'float32',
  'float32',
  'complex64',
  'complex64',
  'complex64',
  'bool',
];

/** The dtype under which tfjs sees a torch ScalarType: int64 is int32, float64 is float32. */
export const tfjsDtype = (native: number): DataType => tfjsDtypes[native] ?? 'float32';

const entries = new WeakMap<DataId, Entry>();
let count = 0;

/** The data of a tensor; data of another backend is moved here first, as tfjs's own backends do. */
export function entryOf(dataId: DataId): Entry {
  const entry = entries.get(dataId);
  if (entry) return entry;
  tf.engine().moveData(tf.findBackend('torch'), dataId);
  return entries.get(dataId)!;
}

/** The data of a tensor, if it lives here. */
export const findEntry = (dataId: DataId): Entry | undefined => entries.get(dataId);

/** Enters data under an identity. */
export function addEntry(dataId: DataId, entry: Entry): void {
  if (!entries.has(dataId)) count++;
  entries.set(dataId, entry);
}

/** Frees the native tensor and forgets the identity. */
export function dropEntry(dataId: DataId): void {
  const entry = entries.get(dataId);
  if (!entry) return;
  entries.delete(dataId);
  count--;
  if (entry.handle >= 0) loadAddon().free(entry.handle);
}

/** Identities in the table. */
export const countEntries = (): number => count;
