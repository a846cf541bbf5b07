/** Means of named losses between two lines of the log. */
export class LossMeter {
  #steps = 0;
  #total = 0;
  #losses: Record<string, number> = {};
  /** A mean that leans to the latest steps; NaN before the first. */
  recent = Number.NaN;

  add(total: number, losses: Readonly<Record<string, number>>): void {
    this.#steps++;
    this.#total += total;
    for (const [name, loss] of Object.entries(losses)) this.#losses[name] = (this.#losses[name] ?? 0) + loss;
    this.recent = Number.isNaN(this.recent) ? total : 0.95 * this.recent + 0.05 * total;
  }

  /** The means since the last call. */
  take(): {loss: number; losses: Record<string, number>} {
    const mean = (sum: number) => sum / this.#steps;
    const means = {
      loss: mean(this.#total),
      losses: Object.fromEntries(Object.entries(this.#losses).map(([name, sum]) => [name, mean(sum)])),
    };
    this.#steps = this.#total = 0;
    this.#losses = {};
    return means;
  }
}
