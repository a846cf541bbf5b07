/** Sums over the images since the last line of the log. */
export interface LossSums {
  images: number;
  total: number;
  losses: Record<string, number>;
}

/** Means of named losses over the images between two lines of the log. */
export class LossMeter {
  #images: number;
  #total: number;
  #losses: Record<string, number>;
  /** A mean that leans to the latest steps; NaN before the first. */
  recent = Number.NaN;

  /** @param sums - What a stopped run had counted since its last line. */
  constructor({images, total, losses}: LossSums = {images: 0, total: 0, losses: {}}) {
    this.#images = images;
    this.#total = total;
    this.#losses = {...losses};
  }

  /** What was counted since the last line, for a resumption. */
  sums(): LossSums {
    return {images: this.#images, total: this.#total, losses: {...this.#losses}};
  }

  /** @param images - Of the batch: the last one of an epoch may be small, and its mean says little. */
  add(total: number, losses: Readonly<Record<string, number>>, images: number): void {
    this.#images += images;
    this.#total += total * images;
    for (const [name, loss] of Object.entries(losses))
      this.#losses[name] = (this.#losses[name] ?? 0) + loss * images;
    this.recent = Number.isNaN(this.recent) ? total : 0.95 * this.recent + 0.05 * total;
  }

  /** The means since the last call. */
  take(): {loss: number; losses: Record<string, number>} {
    const mean = (sum: number) => sum / this.#images;
    const means = {
      loss: mean(this.#total),
      losses: Object.fromEntries(Object.entries(this.#losses).map(([name, sum]) => [name, mean(sum)])),
    };
    this.#images = this.#total = 0;
    this.#losses = {};
    return means;
  }
}
