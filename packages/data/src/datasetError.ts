/** A dataset's files are missing or malformed. The message names the file and, where one is at fault, the byte. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  /** The file or folder at fault. */
  readonly file: string;
  /** What is wrong, without the file's name. */
  readonly reason: string;

  constructor(file: string, reason: string, options: ErrorOptions = {}) {
    super(`${file}: ${reason}`, options);
    this.file = file;
    this.reason = reason;
  }
}
