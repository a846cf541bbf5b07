import type {DataType} from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import {loadAddon} from './addon.js';

/** tfjs's DataId: an object used as an identity. */
export type DataId = object;

/** A tensor's data on the torch backend. It is its own DataId, so that no map is asked on the way. */
export class TorchData {
  /** In the native store; -1 for strings, which stay in JavaScript; -2 after it is freed. */
  handle: number;
  /** Torch's ScalarType. */
  native: number;
  /** tfjs tensors that use this data. */
  refCount: number;
  /** UTF-8, of a tensor of strings. */
  strings: Uint8Array[] | undefined;

  constructor(handle: number, native: number, refCount = 1, strings?: Uint8Array[]) {
    this.handle = handle;
    this.native = native;
    this.refCount = refCount;
    this.strings = strings;
    count++;
  }
}

const gone = -2;

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

// Data that another backend made, and whose identity is therefore not ours.
const adopted = new WeakMap<DataId, TorchData>();
let count = 0;

/** The data of a tensor, if it lives here. */
export function findData(dataId: DataId): TorchData | undefined {
  const data = dataId instanceof TorchData ? dataId : adopted.get(dataId);
  return data && data.handle !== gone ? data : undefined;
}

/** The data of a tensor; data of another backend is moved here first, as tfjs's own backends do. */
export function dataOf(dataId: DataId): TorchData {
  if (dataId instanceof TorchData && dataId.handle !== gone) return dataId;
  const data = findData(dataId);
  if (data) return data;
  tf.engine().moveData(tf.findBackend('torch'), dataId);
  return findData(dataId)!;
}

/** Takes data in under an identity that tfjs already knows. */
export function adopt(dataId: DataId, data: TorchData): void {
  if (dataId instanceof TorchData) {
    Object.assign(dataId, data); // it was ours before it went to another backend
  } else {
    adopted.set(dataId, data);
  }
}

/** Frees the native tensor. */
export function freeData(data: TorchData): void {
  const {handle} = data;
  if (handle === gone) return;
  data.handle = gone;
  data.strings = undefined;
  count--;
  if (handle >= 0) loadAddon().free(handle);
}

/** Data that is alive. */
export const countData = (): number => count;
