import {type Image, ignoredClass, type Sample} from '@foveal/data';
import sharp from 'sharp';
import {categoryColor, inkOn} from './categoryColor.js';
import {type Legend, legend} from './legend.js';
import {maskLayer, type Regions, regionsOfMasks} from './maskLayer.js';
import {palette} from './palette.js';
import {type Area, placeTags} from './placeTags.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {textWidth} from './shorten.js';
import {probability, text} from './text.js';
import {thumbnail} from './thumbnail.js';

/** What is drawn over an image: labels of a dataset, or predictions. */
export interface Marks extends Pick<Sample, 'boxes' | 'labels' | 'masks' | 'crowd' | 'classMap'> {
  /** `[K]` in [0, 1]. */
  scores?: ArrayLike<number>;
}

export interface OverlayOptions {
  categories: readonly string[];
  /** Pixels of the image's longer side; small images grow by whole factors. @defaultValue 960 */
  size?: number;
  /** Whether boxes carry their category, where there is room, and a legend stands below. @defaultValue true */
  tags?: boolean;
  /** Whether the legend stands below, where there are tags. @defaultValue true */
  legend?: boolean;
}

const fontSize = 14;
const tagHeight = 20;

/**
 * Draws boxes with their categories, masks and maps of categories over an image, as a PNG file. Where there is one
 * category only, each object with a mask has a colour of its own.
 *
 * @returns The bytes of the PNG.
 */
export async function overlay(
  image: Image,
  marks: Marks,
  {categories, size = 960, tags = true, legend: withLegend = true}: OverlayOptions,
): Promise<Buffer> {
  const {png, ...shown} = await thumbnail(image, size);
  const scale = shown.width / image.width;
  const boxes = areasOf(marks, scale, shown.height / image.height);
  const objects = Math.max(boxes.length, marks.masks?.length ?? 0);
  const colors = Array.from({length: objects}, (_, k) => categoryColor(colorOf(marks, categories, k)));
  const regions = regionsOf(image, marks, colors);
  const layer = regions && (await maskLayer(regions, shown));
  const keys: Legend[] = tags && withLegend ? keysOf(marks, categories) : [];
  const width = keys.length ? Math.max(shown.width, 240) : shown.width;
  const below = keys.length
    ? legend(keys, {x: 12, y: shown.height + 10, width: width - 24})
    : {svg: '', height: 0};
  const height = shown.height + (below.height ? below.height + 20 : 0);
  const left = (width - shown.width) / 2;
  const place = `width="${shown.width}" height="${shown.height}" image-rendering="optimizeSpeed"`;
  const embedded = (bytes: Buffer) =>
    `<image ${place} href="data:image/png;base64,${bytes.toString('base64')}"/>`;
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">` +
      `<g transform="translate(${left})">${embedded(png)}${layer ? embedded(layer) : ''}` +
      // On a small picture, masks are seen better without their boxes.
      (tags || !marks.masks ? boxes : [])
        .map((box, k) => outline(box, colors[k], shown, marks.crowd?.[k] === 1))
        .join('') +
      (tags ? drawTags(boxes, marks, categories, colors, shown) : '') +
      `</g>${below.svg}</svg>`,
  );
}

/** The same as an image without a legend, to be placed in another picture; with tags if the options say so. */
export async function overlaidImage(image: Image, marks: Marks, options: OverlayOptions): Promise<Image> {
  const png = await overlay(image, marks, {tags: false, ...options, legend: false});
  const {data, info} = await sharp(png).removeAlpha().raw().toBuffer({resolveWithObject: true});
  return {data: new Uint8Array(data), width: info.width, height: info.height, channels: 3};
}

function areasOf({boxes = new Float32Array()}: Marks, scaleX: number, scaleY: number): Area[] {
  return Array.from({length: boxes.length / 4}, (_, k) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
    return {x: x1 * scaleX, y: y1 * scaleY, width: (x2 - x1) * scaleX, height: (y2 - y1) * scaleY};
  });
}

const colorOf = ({labels, masks}: Marks, categories: readonly string[], k: number) =>
  categories.length === 1 && masks?.length ? k : (labels?.[k] ?? 0);

function regionsOf(
  {width, height}: Image,
  {masks = [], classMap}: Marks,
  colors: readonly string[],
): Regions | undefined {
  if (!classMap) return regionsOfMasks(masks, colors);
  const ignored = ignoredClass(classMap);
  const index = Uint16Array.from(classMap, category => (category === ignored ? 0 : category + 1));
  const most = index.reduce((a, b) => Math.max(a, b), 0);
  return {width, height, index, colors: Array.from({length: most}, (_, c) => categoryColor(c))};
}

/** A coloured line between two pale ones, to be seen on any image; within the picture even at its edge. */
function outline({x, y, width, height}: Area, color: string, picture: Thumb, crowd: boolean): string {
  const line = Math.max(1, Math.min(2.5, Math.min(width, height) / 6));
  const [left, top] = [Math.max(x, line), Math.max(y, line)];
  const [right, bottom] = [
    Math.min(x + width, picture.width - line),
    Math.min(y + height, picture.height - line),
  ];
  const place =
    `x="${left}" y="${top}" width="${Math.max(1, right - left)}" height="${Math.max(1, bottom - top)}" fill="none"` +
    (crowd ? ' stroke-dasharray="7 5"' : '');
  return (
    `<rect ${place} stroke="#ffffff" stroke-opacity="0.75" stroke-width="${2 * line}"/>` +
    `<rect ${place} stroke="${color}" stroke-width="${line}"/>`
  );
}

type Thumb = {width: number; height: number};

function drawTags(
  boxes: readonly Area[],
  {labels, scores}: Marks,
  categories: readonly string[],
  colors: readonly string[],
  picture: Thumb,
): string {
  // The surest first: where it is crowded, they keep their tags.
  const order = [...boxes.keys()];
  if (scores) order.sort((a, b) => scores[b] - scores[a]);
  const words = order.map(k => {
    const name = labels ? (categories[labels[k]] ?? String(labels[k])) : '';
    return [name, scores && probability(scores[k])].filter(Boolean).join(' ');
  });
  const sizes = words.map(word => ({width: textWidth(word) * fontSize + 10, height: tagHeight}));
  const corners = placeTags(
    order.map(k => boxes[k]),
    sizes,
    picture,
  );
  return corners
    .map((corner, i) => {
      if (!corner || !words[i]) return '';
      const color = colors[order[i]];
      const {x, y} = corner;
      return (
        `<rect x="${x}" y="${y}" width="${sizes[i].width}" height="${tagHeight}" fill="${color}" stroke="#ffffff" stroke-width="0.75"/>` +
        text(words[i], x + 5, y + 15, {size: fontSize, color: inkOn(color)})
      );
    })
    .join('');
}

/** Categories that are there, with how many; of one category only, no colours. */
function keysOf({labels, masks, classMap}: Marks, categories: readonly string[]): Legend[] {
  const counts = new Map<number, number>();
  for (const label of labels ?? []) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (classMap) {
    const ignored = ignoredClass(classMap);
    for (const category of new Set(classMap)) if (category !== ignored) counts.set(category, 0);
  }
  return [...counts.entries()]
    .sort(([a], [b]) => a - b)
    .map(([category, count]) => ({
      label: `${count ? `${count} × ` : ''}${categories[category] ?? category}`,
      color: categories.length === 1 && masks?.length ? palette.quiet : categoryColor(category),
    }));
}
