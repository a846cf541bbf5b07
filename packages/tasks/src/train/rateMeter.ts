/** Images a second of late and time left, over the whole of a training. Time spent elsewhere is not counted. */
export class RateMeter {
  readonly #started = performance.now();
  #windowStart = performance.now();
  #windowImages = 0;
  #windowSteps = 0;
  #paused = 0;
  #secondsPerStep = 0;
  /** Images a second over the last window of about a second. */
  imagesPerSecond = 0;

  /** Seconds since the start. */
  get elapsed(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Seconds since the start without those spent in {@link pause}d work. */
  get working(): number {
    return this.elapsed - this.#paused / 1000;
  }

  step(images: number): void {
    this.#windowImages += images;
    this.#windowSteps++;
    const seconds = (performance.now() - this.#windowStart) / 1000;
    if (seconds < 1 && this.imagesPerSecond > 0) return;
    const rate = this.#windowImages / seconds;
    const secondsPerStep = seconds / this.#windowSteps;
    // Two windows old counts a quarter: the figure is to be calm, yet follow a machine that gets busy.
    this.imagesPerSecond = this.imagesPerSecond ? (this.imagesPerSecond + rate) / 2 : rate;
    this.#secondsPerStep = this.#secondsPerStep
      ? (this.#secondsPerStep + secondsPerStep) / 2
      : secondsPerStep;
    this.#windowStart = performance.now();
    this.#windowImages = 0;
    this.#windowSteps = 0;
  }

  /** Does work that is no training step, such as a validation, off the clock. */
  async pause<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      const spent = performance.now() - start;
      this.#paused += spent;
      this.#windowStart += spent;
    }
  }

  /** Seconds that so many steps will take. */
  secondsFor(steps: number): number {
    return steps * this.#secondsPerStep;
  }
}
