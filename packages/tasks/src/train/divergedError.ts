/** The loss or a weight became infinite or no number; no checkpoint was written after that. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly step: number;
  /** The images of the batch. */
  readonly files: readonly string[];

  constructor(step: number, what: string, files: readonly string[], lastGood: string | undefined) {
    const shown = files.slice(0, 8).map(file => `\n  ${file}`);
    const rest = files.length > 8 ? `\n  and ${files.length - 8} more, all in log.jsonl` : '';
    super(
      `train: ${what} at step ${step}. A lower learning rate or a warm-up usually helps; if it always happens at ` +
        `the same images, look at them.${lastGood ? ` The last good checkpoint is ${lastGood}.` : ''}` +
        (files.length ? `\nThe batch was:${shown.join('')}${rest}` : ''),
    );
    this.step = step;
    this.files = files;
  }
}
