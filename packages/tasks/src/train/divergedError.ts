/** The loss or a weight became infinite or no number; no checkpoint was written after that. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly step: number;
  /** The images of the batch; empty if it was found in the weights, when they were to be saved. */
  readonly files: readonly string[];

  constructor(step: number, what: string, files: readonly string[], lastGood?: string) {
    const shown = files.slice(0, 8).map(file => `\n  ${file}`);
    const rest = files.length > 8 ? `\n  and ${files.length - 8} more; log.jsonl names them all` : '';
    super(
      `train: ${what} at step ${step}. A lower learning rate or a warm-up usually helps; if it always happens at ` +
        `the same images, look at them.${lastGood ? ` The last good checkpoint is ${lastGood}.` : ''}` +
        (files.length ? `\nThe batch was:${shown.join('')}${rest}` : ''),
    );
    this.step = step;
    this.files = files;
    this.#what = what;
  }

  readonly #what: string;

  /** The same, naming the checkpoint that is left. */
  withLastGood(path: string | undefined): DivergedError {
    return new DivergedError(this.step, this.#what, this.files, path);
  }
}
