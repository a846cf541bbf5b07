import {constants} from 'node:fs';
import {open} from 'node:fs/promises';

/**
 * A file's whole content.
 *
 * @throws Error whose message is a reason to follow the file's name: no such file, a folder, a pipe.
 */
export async function readRegularFile(path: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await file.stat();
      if (!stat.isFile())
        throw new Error(`expected a file, got a ${stat.isDirectory() ? 'folder' : 'pipe or device'}.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(reason(error as NodeJS.ErrnoException), {cause: error});
  }
}

function reason({code, message}: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file. Check the path.';
  if (code === 'EACCES') return 'not readable by this user. Check its permissions.';
  if (code === 'ELOOP') return 'a loop of symbolic links.';
  if (code === 'ENAMETOOLONG') return 'the path is too long for this system.';
  return code === undefined ? message : `cannot be read: ${message}.`;
}
