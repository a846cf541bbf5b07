import {readdir, stat} from 'node:fs/promises';
import {extname, isAbsolute, join} from 'node:path';
import {createInterface} from 'node:readline';

const extensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);

export interface ImageFilesOptions {
  /** What `-` stands for: text with a path on each line. @defaultValue process.stdin */
  list?: NodeJS.ReadableStream;
}

/**
 * The image files that paths stand for: files as they are, whatever their names; folders with all that is below
 * them, in the order of their names, without hidden ones; globs (`inbox/**` + `/*.jpg`) with what they match; `-` with
 * the lines of a list, which are files, folders or globs again. A path that does not exist is passed on, so that
 * whoever reads it can say so in its place.
 */
export async function* imageFiles(
  paths: Iterable<string>,
  {list = process.stdin}: ImageFilesOptions = {},
): AsyncGenerator<string> {
  for (const path of paths) {
    if (path !== '-') {
      yield* filesAt(path);
      continue;
    }
    for await (const line of createInterface({input: list})) if (line.trim()) yield* filesAt(line);
  }
}

async function* filesAt(path: string): AsyncGenerator<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) yield* below(path);
  else if (found || !/[*?[{]/.test(path)) yield path;
  else yield* matches(path);
}

async function* matches(pattern: string): AsyncGenerator<string> {
  const {glob} = await import('tinyglobby');
  const files = await glob(pattern, {expandDirectories: false, absolute: isAbsolute(pattern)});
  if (files.length === 0) yield pattern;
  yield* files.sort(byName);
}

const byName = (a: string, b: string) => a.localeCompare(b, 'en', {numeric: true});

async function* below(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, {withFileTypes: true});
  for (const entry of entries.sort((a, b) => byName(a.name, b.name))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    // Links to folders are not followed: they may lead back up.
    if (entry.isDirectory()) yield* below(path);
    else if (extensions.has(extname(entry.name).toLowerCase())) yield path;
  }
}
