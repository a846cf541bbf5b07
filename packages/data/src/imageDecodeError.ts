/** An image that cannot be used: empty, cut short, damaged, too large, or no image at all. */
export class ImageDecodeError extends Error {
  override readonly name = 'ImageDecodeError';
  /** The path, or `bytes` for an image in memory. */
  readonly file: string;
  /** What is wrong, without the file's name. */
  readonly reason: string;

  constructor(file: string, reason: string, options: ErrorOptions = {}) {
    super(`${file}: ${reason}`, options);
    this.file = file;
    this.reason = reason;
  }
}
