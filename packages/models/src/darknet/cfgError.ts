/** A `.cfg` that cannot be understood. The message names the file, the line, what was found and what would do. */
export class CfgError extends Error {
  override readonly name = 'CfgError';
  /** The path, or what stands for one. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** What is wrong, without the place. */
  readonly reason: string;

  constructor(file: string, line: number, reason: string) {
    super(`${file}:${line}: ${reason}`);
    this.file = file;
    this.line = line;
    this.reason = reason;
  }
}
