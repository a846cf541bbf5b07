import {halfToFloat32} from './halfFloat.js';
import type {WeightsData} from './weightsFile.js';

/** How numbers lie in a file, by safetensors' names. */
export type ElementType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** Bytes per element. */
export const elementSizes: Readonly<Record<ElementType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/**
 * Little-endian bytes as numbers, converted as {@link WeightsData} says. Doubles beyond float32's range become infinite.
 *
 * @param bytes - A whole number of elements at any address; the result may share their memory.
 * @throws RangeError if a 64-bit integer is beyond 2^53, or a bool is neither 0 nor 1.
 */
export function decodeElements(type: ElementType, bytes: Uint8Array): WeightsData {
  const {buffer, byteOffset, length} = aligned(bytes, elementSizes[type]);
  const count = length / elementSizes[type];
  switch (type) {
    case 'F32':
      return {dtype: 'float32', data: new Float32Array(buffer, byteOffset, count)};
    case 'F64':
      return {dtype: 'float32', data: Float32Array.from(new Float64Array(buffer, byteOffset, count))};
    case 'F16':
      return {dtype: 'float32', data: halfToFloat32(new Uint16Array(buffer, byteOffset, count))};
    case 'BF16':
      return {dtype: 'float32', data: bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, count))};
    case 'I64':
      return {dtype: 'int64', data: safeIntegers(new BigInt64Array(buffer, byteOffset, count))};
    case 'I32':
      return {dtype: 'int32', data: new Int32Array(buffer, byteOffset, count)};
    case 'I16':
      return {dtype: 'int32', data: Int32Array.from(new Int16Array(buffer, byteOffset, count))};
    case 'I8':
      return {dtype: 'int32', data: Int32Array.from(new Int8Array(buffer, byteOffset, count))};
    case 'U8':
      return {dtype: 'int32', data: Int32Array.from(new Uint8Array(buffer, byteOffset, count))};
    case 'BOOL':
      return {dtype: 'bool', data: bools(new Uint8Array(buffer, byteOffset, count))};
  }
}

// A typed array can only look at memory from a multiple of its element's size.
const aligned = (bytes: Uint8Array, size: number) => (bytes.byteOffset % size === 0 ? bytes : bytes.slice());

// A bfloat16 is the upper half of a float32.
function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
  return new Float32Array(words.buffer);
}

function safeIntegers(wide: BigInt64Array): Float64Array {
  const data = new Float64Array(wide.length);
  for (let i = 0; i < wide.length; i++) {
    data[i] = Number(wide[i]);
    if (!Number.isSafeInteger(data[i])) throw new RangeError(`the 64-bit integer ${wide[i]} is beyond 2^53`);
  }
  return data;
}

function bools(data: Uint8Array): Uint8Array {
  const wrong = data.findIndex(value => value > 1);
  if (wrong >= 0) throw new RangeError(`a bool must be 0 or 1, got ${data[wrong]}`);
  return data;
}
