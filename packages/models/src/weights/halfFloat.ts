// IEEE 754-2008, binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.

/** Widens half-precision numbers, given as their bits. Exact: every half is a float32. */
export function halfToFloat32(bits: Uint16Array): Float32Array {
  const data = new Float32Array(bits.length);
  table ??= Float32Array.from({length: 1 << 16}, (_, half) => toNumber(half));
  for (let i = 0; i < bits.length; i++) data[i] = table[bits[i]];
  return data;
}

// All 65,536 halves; made when the first file needs them.
let table: Float32Array | undefined;

function toNumber(half: number): number {
  const sign = half >> 15 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
