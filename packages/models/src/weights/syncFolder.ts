import {open} from 'node:fs/promises';

/** Makes a renaming in a folder last: without it, a power cut may undo it. Windows cannot open a folder, nor needs it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
