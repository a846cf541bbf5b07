import {existsSync} from 'node:fs';
import {readdir, readFile, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';

/** A table of files and classes, with what lies beside it. */
export interface LabelledFolder {
  /** The table. */
  file: string;
  /** Where its file names start from. */
  images?: string;
  /** Names of the classes, where the table has numbers. */
  categories?: readonly string[];
}

/**
 * Finds the parts of a flat folder: `labels.tsv` or `labels.csv`, its files in `images/` or beside it, and the names of
 * the classes in a file called `classes` (or ending so): a name on each line, or a number and a name.
 *
 * @param path - The folder, or the table itself.
 */
export async function labelledFolder(path: string): Promise<LabelledFolder> {
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const names = (await readdir(folder)).sort();
  const file = isFolder
    ? join(folder, names.find(name => /^labels\.(tsv|csv)$/.test(name)) ?? 'labels.tsv')
    : path;
  const classes = names.find(name => /(^|[_-])classes\.(tsv|txt)$/.test(name));
  return {
    file,
    ...(existsSync(join(folder, 'images')) && {images: join(folder, 'images')}),
    ...(classes !== undefined && {
      categories: classNames(await readFile(join(folder, classes), 'utf8')),
    }),
  };
}

/**
 * Names of classes, by their numbers where each line begins with one. ImageNet has two cranes and two maillots: names
 * that stand there twice get the rest of their line, or their place, behind them.
 */
export function classNames(text: string): string[] {
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '');
  const rows = lines.map(line => line.split('\t').map(field => field.trim()));
  const numbered = rows.every(([number, ...rest]) => /^\d+$/.test(number) && rest.length > 0);
  if (numbered) rows.sort((a, b) => Number(a[0]) - Number(b[0]));
  const names = rows.map(row => row[row.length - 1]);
  return names.map((name, i) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    return `${name} (${rows[i].length > 2 ? rows[i][rows[i].length - 2] : i})`;
  });
}
