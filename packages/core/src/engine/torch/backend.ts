import * as tf from '@tensorflow/tfjs-core';
import {loadAddon, type NativeValues} from './addon.js';
import {fill, upload} from './run.js';
import {adopt, countData, type DataId, dataOf, findData, freeData, nativeDtype, TorchData} from './table.js';

/**
 * tfjs's backend over torch. Tensors live in native memory under handles and are freed at once when tfjs disposes
 * them; strings stay in JavaScript. One a thread, on one device.
 */
export class TorchBackend extends tf.KernelBackend {
  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    return makeData(values, shape, dtype, 1);
  }

  override move(
    dataId: DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    adopt(dataId, makeData(values, shape, dtype, refCount));
  }

  /** A tensor from values, as kernels of other backends make theirs. */
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues | number[]): tf.TensorInfo {
    if (dtype === 'string') return {dataId: this.write(values as Uint8Array[], shape, dtype), shape, dtype};
    return upload(toNative(values as NativeValues | number[], dtype), shape, nativeDtype[dtype]);
  }

  override readSync(dataId: DataId): tf.BackendValues {
    const {handle, strings} = dataOf(dataId);
    return strings ?? (loadAddon().read(handle) as Float32Array | Int32Array | Uint8Array);
  }

  override async read(dataId: DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: DataId): number {
    return findData(dataId)?.refCount ?? 0;
  }

  override incRef(dataId: DataId): void {
    dataOf(dataId).refCount++;
  }

  decRef(dataId: DataId): void {
    const data = findData(dataId);
    if (data) data.refCount--;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const data = findData(dataId);
    if (!data) return true;
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    freeData(data);
    return true;
  }

  override numDataIds(): number {
    return countData();
  }

  /** Adds what native memory really holds to tfjs's own count: `{tensors, bytes}` of distinct storages. */
  override memory(): {unreliable: boolean; native: {tensors: number; bytes: number}} {
    return {unreliable: false, native: loadAddon().memory()};
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    loadAddon().synchronize();
    const start = performance.now();
    run();
    loadAddon().synchronize();
    return {kernelMs: performance.now() - start};
  }

  override epsilon(): number {
    return 1e-7;
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {}
}

function makeData(
  values: tf.BackendValues,
  shape: number[],
  dtype: tf.DataType,
  refCount: number,
): TorchData {
  const native = nativeDtype[dtype];
  if (dtype === 'string') return new TorchData(-1, native, refCount, values as Uint8Array[]);
  return new TorchData(handleFor(values, shape, dtype), native, refCount);
}

function handleFor(values: tf.BackendValues, shape: number[], dtype: Exclude<tf.DataType, 'string'>): number {
  const first = Number(values[0]);
  // Gradients and losses are full of scalars. As a whole number -0 would lose its sign.
  if (values.length === 1 && dtype !== 'complex64' && !Object.is(first, -0)) return fill(shape, first, dtype);
  return loadAddon().upload(toNative(values, dtype), nativeDtype[dtype], Float64Array.from(shape));
}

function toNative(values: tf.BackendValues | number[] | NativeValues, dtype: tf.DataType): NativeValues {
  const list = values as ArrayLike<number>;
  switch (dtype) {
    case 'int32':
      return values instanceof Int32Array ? values : Int32Array.from(list);
    case 'bool':
      return values instanceof Uint8Array ? values : Uint8Array.from(list);
    default:
      return values instanceof Float32Array ? values : Float32Array.from(list);
  }
}
