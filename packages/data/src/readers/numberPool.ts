/** Numbers an array of the pool holds: 1 MB. */
const chunkLength = 2 ** 17;

/** Keeps many short lists of numbers in few arrays: a list of its own would cost as much again as its numbers. */
export class NumberPool {
  #chunk = new Float64Array(0);
  #used = 0;

  /** @returns a copy of the values. */
  keep(values: ArrayLike<number>): Float64Array {
    if (this.#used + values.length > this.#chunk.length) {
      this.#chunk = new Float64Array(Math.max(chunkLength, values.length));
      this.#used = 0;
    }
    const kept = this.#chunk.subarray(this.#used, (this.#used += values.length));
    kept.set(values);
    return kept;
  }
}
