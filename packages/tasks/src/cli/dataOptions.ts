import {existsSync, statSync} from 'node:fs';
import {type Command, InvalidArgumentError} from 'commander';
import type {DataOptions} from './readerOf.js';

/** Options of a command that say what a dataset's path does not. */
export const withDataOptions = (command: Command): Command =>
  command
    .optionsGroup('What the path of --data does not tell:')
    .option('--images <folder>', 'of coco and table: where file names start from')
    .option('--masks <folder>', 'of masks and instances: the PNGs with a value a class, or an object')
    .option('--suffix <text>', 'of masks and instances: what a mask has after its image, such as _mask')
    .option('--list <file>', 'of masks and instances: the names of the images that count')
    .option(
      '--categories <names>',
      'a,b,c or a file of names; of masks also wall=0,cell=255',
      parseCategories,
    )
    .option('--ignore <values>', 'of masks: values that do not count, such as 11,255', parseIgnored)
    .option('--fix', 'clip boxes to their images, and leave out objects that cannot be used')
    .optionsGroup('Options:');

/** What commander makes of them. */
export interface RawDataOptions extends Omit<DataOptions, 'categories' | 'values'> {
  categories?: Pick<DataOptions, 'categories' | 'values'>;
}

/** The options as the readers take them. */
export function dataOptions({
  images,
  masks,
  suffix,
  list,
  ignore,
  categories,
  fix,
}: RawDataOptions): DataOptions {
  return {
    ...(images !== undefined && {images}),
    ...(masks !== undefined && {masks}),
    ...(suffix !== undefined && {suffix}),
    ...(list !== undefined && {list}),
    ...(ignore && {ignore}),
    ...(fix && {fix}),
    ...categories,
  };
}

/** The flags that these options were given by, for a command to copy. */
export function dataFlags({images, masks, suffix, list, ignore, categories, fix}: RawDataOptions): string[] {
  const {categories: names, values} = categories ?? {};
  const named =
    typeof names === 'string' ? names : names?.map(name => (values ? `${name}=${values[name]}` : name));
  const given = {
    images,
    masks,
    suffix,
    list,
    categories: named && String(named),
    ignore: ignore && String(ignore),
  };
  const flags = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return fix ? [...flags, '--fix'] : flags;
}

/** As a shell takes it for one word. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function parseCategories(text: string): Pick<DataOptions, 'categories' | 'values'> {
  if (existsSync(text) && statSync(text).isFile()) return {categories: text};
  const items = text.split(',').map(item => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('Expected names with commas between them.');
  if (!items.every(item => /=\d+$/.test(item))) return {categories: items};
  const pairs = items.map(item => [item.slice(0, item.lastIndexOf('=')), item] as const);
  return {
    categories: pairs.map(([name]) => name),
    values: Object.fromEntries(pairs.map(([name, item]) => [name, Number(item.slice(name.length + 1))])),
  };
}

function parseIgnored(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.every(value => Number.isInteger(value) && value >= 0)) return values;
  throw new InvalidArgumentError('Expected whole numbers with commas between them, such as 11,255.');
}
