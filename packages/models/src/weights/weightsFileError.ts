/** A weights file that cannot be read or written. The message names the file, the tensor where one is at fault, and the reason. */
export class WeightsFileError extends Error {
  override readonly name = 'WeightsFileError';
  /** The path as it was given. */
  readonly file: string;
  /** What is wrong, without the file's name. */
  readonly reason: string;
  /** The tensor (or the entry of the archive) at fault, where one is. */
  readonly tensor: string | undefined;

  constructor(file: string, reason: string, {tensor, cause}: {tensor?: string; cause?: unknown} = {}) {
    const where = tensor === undefined ? file : `${file}: tensor ${JSON.stringify(shorten(tensor))}`;
    super(`${where}: ${reason}`, cause === undefined ? {} : {cause});
    this.file = file;
    this.reason = reason;
    this.tensor = tensor;
  }
}

// A hostile file may name a tensor with megabytes; a message must stay a message.
const shorten = (text: string) => (text.length > 120 ? `${text.slice(0, 117)}...` : text);
