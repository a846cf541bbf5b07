import {constants} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {WeightsFileError} from './weightsFileError.js';

/** A regular file open for reading at any place. Nothing is allocated before the file is known to hold that much. */
export interface SourceFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes `[offset, offset + length)`, in memory of their own. `what` is named when the file is too short. */
  read(offset: number, length: number, what: string): Promise<Buffer>;
}

/**
 * Opens a file, hands it to `use` and closes it, whatever happens.
 *
 * @throws WeightsFileError if there is no such file, if it is a folder, a pipe or a device, or ends too early.
 */
export async function withSourceFile<T>(path: string, use: (file: SourceFile) => Promise<T>): Promise<T> {
  const handle = await openRegular(path);
  try {
    const {size} = await handle.stat();
    return await use({
      path,
      size,
      read: (offset, length, what) => readExactly(handle, path, size, offset, length, what),
    });
  } finally {
    await handle.close();
  }
}

async function openRegular(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer for ever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw new WeightsFileError(path, openReason(error as NodeJS.ErrnoException), {cause: error});
  }
  const stat = await handle.stat();
  if (stat.isFile()) return handle;
  await handle.close();
  throw new WeightsFileError(
    path,
    `expected a file, got a ${stat.isDirectory() ? 'folder' : 'pipe or device'}.`,
  );
}

function openReason({code, message}: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such file. Check the path.';
  if (code === 'EACCES') return 'not readable by this user. Check its permissions.';
  if (code === 'ELOOP') return 'a loop of symbolic links.';
  if (code === 'ENAMETOOLONG') return 'the path is too long for this system.';
  return `cannot be opened: ${message}.`;
}

// Node and the kernel move less than 2 GiB at once.
const ioLimit = 2 ** 30;

async function readExactly(
  handle: FileHandle,
  path: string,
  size: number,
  offset: number,
  length: number,
  what: string,
): Promise<Buffer> {
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw new WeightsFileError(
      path,
      `${what} needs bytes ${offset} to ${offset + length}, but the file has ${size}: it is cut short or corrupt. Download it again.`,
    );
  }
  // Not from Buffer's pool, so that the memory can become a typed array of its own.
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const {bytesRead} = await handle.read(bytes, done, Math.min(length - done, ioLimit), offset + done);
    if (bytesRead === 0)
      throw new WeightsFileError(path, `${what} ends early: the file changed while it was read.`);
    done += bytesRead;
  }
  return bytes;
}
