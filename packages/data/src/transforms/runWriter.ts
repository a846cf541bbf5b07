/** Collects pixels, down the columns, into runs. */
export class RunWriter {
  readonly #counts: number[] = [];
  #value = 0;
  #run = 0;

  add(value: number, count: number): void {
    if (count === 0) return;
    if (value !== this.#value) {
      this.#counts.push(this.#run);
      this.#value = value;
      this.#run = 0;
    }
    this.#run += count;
  }

  counts(): Uint32Array {
    return Uint32Array.from([...this.#counts, this.#run]);
  }
}
