import {randomBytes} from 'node:crypto';
import {type FileHandle, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {syncFolder} from './syncFolder.js';

/**
 * Writes a file so that its path holds the old content or the new one, never a part, even if the process is killed or
 * the power fails: the content goes to a temporary file in the same folder, is flushed, and takes the name.
 *
 * @param write - Writes the content; may call `file.write` as often as it likes.
 * @throws What `write` or the file system threw; then the old file stays and the temporary one is removed.
 */
export async function writeFileAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx');
  try {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, {force: true});
    throw error;
  }
  await syncFolder(dirname(path));
}
