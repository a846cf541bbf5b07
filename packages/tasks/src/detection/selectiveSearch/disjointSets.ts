// Tarjan, "Efficiency of a Good But Not Linear Set Union Algorithm", J. ACM 1975.

/** Sets that only grow together: union by size, paths halved. */
export class DisjointSets {
  readonly #parents: Int32Array;
  /** Members of each set, at its root. */
  readonly sizes: Int32Array;

  /** @param count - Sets of one member to begin with. */
  constructor(count: number) {
    this.#parents = Int32Array.from({length: count}, (_, i) => i);
    this.sizes = new Int32Array(count).fill(1);
  }

  /** The root of the set that `i` is in. */
  find(i: number): number {
    const parents = this.#parents;
    while (parents[i] !== i) {
      parents[i] = parents[parents[i]];
      i = parents[i];
    }
    return i;
  }

  /** Joins the sets of two different roots. @returns the new root. */
  join(a: number, b: number): number {
    if (this.sizes[a] < this.sizes[b]) [a, b] = [b, a];
    this.#parents[b] = a;
    this.sizes[a] += this.sizes[b];
    return a;
  }
}
