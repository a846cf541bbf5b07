import type {MaskPng} from './maskPng.js';

/** A colour as `[red, green, blue]`, 0 to 255. */
export type Rgb = readonly [number, number, number];

export interface ClassMapOptions {
  categories: readonly string[];
  /** Values of the mask that do not count, beside 255 (65,535 in 16 bits). @defaultValue none */
  ignore?: readonly number[];
  /** The value of each category in the mask, by name: `{wall: 0, cell: 255}`. @defaultValue its place in the list */
  values?: Readonly<Record<string, number>>;
  /** For masks in colours: the colour of each category, by name. Other colours are errors. */
  colors?: Readonly<Record<string, Rgb>>;
  /** For masks in colours: those that do not count. */
  ignoreColors?: readonly Rgb[];
}

/**
 * The category of each pixel. Up to 255 categories give bytes with 255 for what does not count; more give 16 bits with
 * 65,535.
 *
 * @throws Error whose message is a reason to follow the file's name: a value that is no category, or colours without a
 * table of them.
 */
export function classMapOf(png: MaskPng, options: ClassMapOptions): Uint8Array | Uint16Array {
  const {categories} = options;
  const pixels = png.width * png.height;
  const classes = categories.length > 255 ? new Uint16Array(pixels) : new Uint8Array(pixels);
  const ignored = categories.length > 255 ? 65_535 : 255;
  if (png.channels === 1) fromIndices(png, options, classes, ignored);
  else fromColors(png, options, classes, ignored);
  return classes;
}

function fromIndices(
  {data, width}: MaskPng,
  {categories, ignore = [], values}: ClassMapOptions,
  classes: Uint8Array | Uint16Array,
  ignored: number,
): void {
  const table = new Map<number, number>([ignored, ...ignore].map(value => [value, ignored]));
  const own = values ? Object.entries(values) : categories.map((name, label) => [name, label] as const);
  for (const [name, value] of own) table.set(value, labelOf(name, categories, 'values'));
  for (let i = 0; i < classes.length; i++) {
    const label = table.get(data[i]);
    if (label === undefined) {
      const known = values ? own.map(([, value]) => value).join(', ') : `0 to ${categories.length - 1}`;
      throw new Error(
        `${place(i, width)}: value ${data[i]}, but the ${categories.length} categories have ${known}. ` +
          `Pass ignore: [${data[i]}] if such pixels do not count.`,
      );
    }
    classes[i] = label;
  }
}

function labelOf(name: string, categories: readonly string[], option: string): number {
  const label = categories.indexOf(name);
  if (label >= 0) return label;
  throw new Error(`${option}: "${name}" is none of the categories ${categories.join(', ')}.`);
}

function fromColors(
  {data, width}: MaskPng,
  {categories, colors, ignoreColors = []}: ClassMapOptions,
  classes: Uint8Array | Uint16Array,
  ignored: number,
): void {
  if (data.BYTES_PER_ELEMENT !== 1) throw new Error('a colour mask of 16 bits; expected 8.');
  if (!colors) {
    throw new Error(
      'a mask in colours; expected indices (a palette or grey). Pass colors: {name: [r, g, b], …} to translate them.',
    );
  }
  const table = new Map<number, number>();
  for (const [name, color] of Object.entries(colors)) {
    table.set(packed(color[0], color[1], color[2]), labelOf(name, categories, 'colors'));
  }
  for (const color of ignoreColors) table.set(packed(color[0], color[1], color[2]), ignored);
  for (let i = 0; i < classes.length; i++) {
    const found = table.get(packed(data[3 * i], data[3 * i + 1], data[3 * i + 2]));
    if (found === undefined) {
      const color = `[${data.slice(3 * i, 3 * i + 3).join(', ')}]`;
      throw new Error(
        `${place(i, width)}: colour ${color} is no category's. Add it to colors or ignoreColors.`,
      );
    }
    classes[i] = found;
  }
}

const packed = (red: number, green: number, blue: number) => (red << 16) | (green << 8) | blue;

const place = (pixel: number, width: number) => `pixel (${pixel % width}, ${Math.floor(pixel / width)})`;
