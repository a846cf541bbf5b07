// xoroshiro128+: Blackman & Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021, arXiv:1805.01407.
import {uniformFloat64} from 'pure-rand/distribution/uniformFloat64';
import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus, xoroshiro128plusFromState} from 'pure-rand/generator/xoroshiro128plus';
import type {JumpableRandomGenerator} from 'pure-rand/types/JumpableRandomGenerator';

/** Where a {@link Random} stands in its stream: four 32-bit integers, safe to keep as JSON. */
export type RandomState = readonly number[];

/**
 * A seeded stream of random numbers: the same on every machine and engine, splittable into independent streams,
 * and resumable from its state.
 */
export class Random {
  #generator: JumpableRandomGenerator;

  /**
   * @param seed - Any integer that JavaScript holds exactly; neighbouring seeds give unrelated streams.
   * @throws RangeError if the seed is no safe integer.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(`Random: the seed must be an integer below 2^53 in magnitude, got ${seed}.`);
    }
    this.#generator = fromWords(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0);
  }

  /** Continues the stream that `state` was taken from. @throws TypeError if it is no such state. */
  static from(state: RandomState): Random {
    if (
      !Array.isArray(state) ||
      state.length !== 4 ||
      !state.every(Number.isInteger) ||
      !state.some(Boolean)
    ) {
      throw new TypeError(
        `Random.from: expected four integers as random.state() gives them, got ${JSON.stringify(state)}.`,
      );
    }
    const random = new Random(0);
    random.#generator = xoroshiro128plusFromState(state);
    return random;
  }

  /** The position in the stream, to be kept and given to {@link Random.from}. */
  state(): RandomState {
    return [...this.#generator.getState()];
  }

  /** Uniform in [0, 1), with 53 random bits. */
  next(): number {
    return uniformFloat64(this.#generator);
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /**
   * Fills an array with numbers uniform in [low, high), 32 random bits each: the same as from `uint32()`, in one call,
   * because a large model draws a hundred million.
   */
  fillUniform(values: Float32Array, low: number, high: number): void {
    const scale = (high - low) * 2 ** -32;
    const state = this.#generator.getState();
    let s01 = state[0] | 0;
    let s00 = state[1] | 0;
    let s11 = state[2] | 0;
    let s10 = state[3] | 0;
    for (let i = 0; i < values.length; i++) {
      values[i] = low + scale * ((s00 + s10) >>> 0);
      const a0 = s10 ^ s00;
      const a1 = s11 ^ s01;
      const t0 = s00;
      const t1 = s01;
      s00 = (t0 << 24) ^ (t1 >>> 8) ^ a0 ^ (a0 << 16);
      s01 = (t1 << 24) ^ (t0 >>> 8) ^ a1 ^ ((a1 << 16) | (a0 >>> 16));
      s10 = (a1 << 5) ^ (a0 >>> 27);
      s11 = (a0 << 5) ^ (a1 >>> 27);
    }
    this.#generator = xoroshiro128plusFromState([s01, s00, s11, s10]);
  }

  /** Fills an array with normal numbers, 32 random bits each (Box & Muller's pairs, both used). */
  fillNormal(values: Float32Array, mean: number, std: number): void {
    for (let i = 0; i < values.length; i += 2) {
      const radius = std * Math.sqrt(-2 * Math.log(1 - this.uint32() * 2 ** -32));
      const angle = 2 * Math.PI * (this.uint32() * 2 ** -32);
      values[i] = mean + radius * Math.cos(angle);
      if (i + 1 < values.length) values[i + 1] = mean + radius * Math.sin(angle);
    }
  }

  /** Uniform integer in [0, n), without bias. @throws RangeError unless n is a positive integer. */
  int(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new RangeError(`Random.int: n must be a positive integer, got ${n}.`);
    }
    return uniformInt(this.#generator, 0, n - 1);
  }

  /** Normal with mean 0 and variance 1 (Box & Muller, 1958). */
  normal(): number {
    // The sine's number, which the same pair would give, is left: keeping it would make it part of the state.
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Puts an array into random order, in place (Fisher & Yates), and returns it. */
  shuffle<A extends unknown[] | Int32Array | Uint32Array>(array: A): A {
    const items = array as unknown[];
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return array;
  }

  /** A stream of its own, independent of what this one gives from here on; moves this one by two numbers. */
  split(): Random {
    const random = new Random(0);
    // Jumping ahead instead would let the grandchildren of one child run into those of the next.
    random.#generator = fromWords(this.uint32(), this.uint32());
    return random;
  }
}

/** Spreads 64 bits over the generator's 128: pure-rand's own seeding leaves its first numbers close to the seed. */
function fromWords(low: number, high: number): JumpableRandomGenerator {
  const a = mix(low ^ 0x9e3779b9);
  const b = mix((high ^ 0x85ebca6b) + a);
  const state = [a, b, mix(a + 0x3c6ef372), mix(b + 0x78dde6e4)];
  return state.some(Boolean) ? xoroshiro128plusFromState(state) : xoroshiro128plus(low);
}

/** MurmurHash3's finaliser (Appleby, 2011): a bijection of 32 bits in which every bit changes half of the others. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
