import {readdir, stat} from 'node:fs/promises';
import {extname, join} from 'node:path';

const extensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);

/**
 * The image files that paths stand for: files as they are, whatever their names; folders with all that is below
 * them, in the order of their names, without hidden ones. A path that does not exist is passed on, so that whoever
 * reads it can say so in its place.
 */
export async function* imageFiles(paths: Iterable<string>): AsyncGenerator<string> {
  for (const path of paths) {
    const isFolder = await stat(path).then(
      found => found.isDirectory(),
      () => false,
    );
    if (isFolder) yield* below(path);
    else yield path;
  }
}

async function* below(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, {withFileTypes: true});
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name, 'en', {numeric: true}))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    // Links to folders are not followed: they may lead back up.
    if (entry.isDirectory()) yield* below(path);
    else if (extensions.has(extname(entry.name).toLowerCase())) yield path;
  }
}
