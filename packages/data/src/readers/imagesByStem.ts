import {readdir} from 'node:fs/promises';
import {join, parse} from 'node:path';
import {DatasetError} from '../datasetError.js';
import {imageExtensions} from '../imageFormat.js';

/**
 * The images in a folder, in order of their names without extension.
 *
 * @param advice - What to do if there is no such folder. @defaultValue 'Check the path.'
 * @throws DatasetError if there is no such folder, or two images differ in their extension alone.
 */
export async function imagesByStem(
  folder: string,
  advice = 'Check the path.',
): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    const reason =
      cause.code === 'ENOENT' ? `no such folder. ${advice}` : `cannot be read: ${cause.message}.`;
    throw new DatasetError(folder, reason, {cause});
  });
  const images = new Map<string, string>();
  for (const file of names.filter(name => !name.startsWith('.') && imageExtensions.test(name)).sort()) {
    const {name} = parse(file);
    const other = images.get(name);
    if (other !== undefined) throw new DatasetError(folder, `holds both ${other} and ${join(folder, file)}.`);
    images.set(name, join(folder, file));
  }
  return images;
}
