/** Pairs with a likeness each; the most alike comes out first, of equals the one with the lower numbers. */
export class PairHeap {
  // A binary heap over places of three lists, which is quicker than one of objects.
  readonly #scores: number[] = [];
  readonly #first: number[] = [];
  readonly #second: number[] = [];
  readonly #heap: number[] = [];

  push(score: number, first: number, second: number): void {
    const heap = this.#heap;
    const item = this.#scores.push(score) - 1;
    this.#first.push(first);
    this.#second.push(second);
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(item, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = item;
  }

  /** @returns undefined once there are none. */
  pop(): [first: number, second: number] | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return undefined;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && this.#before(heap[child + 1], heap[child])) child++;
      if (!this.#before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    if (heap.length > 0) heap[at] = last;
    return [this.#first[top], this.#second[top]];
  }

  #before(a: number, b: number): boolean {
    const difference = this.#scores[a] - this.#scores[b];
    if (difference !== 0) return difference > 0;
    return (
      this.#first[a] - this.#first[b] < 0 ||
      (this.#first[a] === this.#first[b] && this.#second[a] < this.#second[b])
    );
  }
}
