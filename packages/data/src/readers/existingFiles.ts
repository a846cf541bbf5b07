import {readdir} from 'node:fs/promises';
import {basename, dirname} from 'node:path';

/** Which of these files exist, by one look into each folder. */
export async function existingFiles(paths: Iterable<string>): Promise<(path: string) => boolean> {
  const folders = new Map<string, ReadonlySet<string>>();
  for (const path of paths) {
    const folder = dirname(path);
    if (!folders.has(folder)) folders.set(folder, new Set(await readdir(folder).catch(() => [])));
  }
  return path => folders.get(dirname(path))?.has(basename(path)) === true;
}
