import {Random, type Rle, rleFromMask} from '@foveal/core';
import {checkIndex, type Dataset} from '../dataset.js';
import type {Image} from '../image.js';
import {mnist} from '../readers/mnist.js';
import {ignoredClass, type Sample} from '../sample.js';
import {type Colour, randomColour, texture} from './texture.js';

export interface DigitScenesOptions {
  /** Which digits are drawn: those to train on, or those to test with. @defaultValue 'train' */
  split?: 'train' | 'test';
  /** How many scenes. @defaultValue 1000 */
  length?: number;
  /** `[height, width]` in pixels. @defaultValue [192, 192] */
  size?: readonly [height: number, width: number];
  /** The fewest and the most digits in a scene; a few scenes of a hundred have none. @defaultValue [1, 6] */
  digits?: readonly [number, number];
  /** The least and the greatest height of a digit's 28 × 28 pixels in the scene. @defaultValue [28, 88] */
  sides?: readonly [number, number];
  /** What the boxes of two digits may share, as a share of the smaller one. @defaultValue 0.15 */
  overlap?: number;
  /**
   * Whether the first category is the background, which class maps then have; without it they ignore the background.
   * For semantic segmentation. @defaultValue false
   */
  background?: boolean;
  /** @defaultValue 0 */
  seed?: number;
}

/** Share of scenes without any digit. */
const emptyShare = 0.03;
/** Brightness, 0 to 255, that a digit differs from what is behind it at least. */
const contrast = 70;

/**
 * Scenes composed of MNIST's digits when they are asked for: coloured, of several sizes, partly one over the other, on
 * textured backgrounds, with exact boxes, masks and class maps of what is seen. A scene depends on the seed and its
 * number alone.
 *
 * @param folder - Where MNIST's files lie, as `mnist` takes it.
 * @throws RangeError if a range is empty, or digits do not fit the scene.
 */
export async function digitScenes(
  folder: string,
  {
    split = 'train',
    length = 1000,
    size = [192, 192],
    digits = [1, 6],
    sides = [28, 88],
    overlap = 0.15,
    background = false,
    seed = 0,
  }: DigitScenesOptions = {},
): Promise<Dataset> {
  const [height, width] = size;
  for (const [name, [low, high], least] of [
    ['digits', digits, 0],
    ['sides', sides, 8],
  ] as const) {
    if (Number.isInteger(low) && Number.isInteger(high) && low >= least && high >= low) continue;
    throw new RangeError(
      `digitScenes: ${name} must be two whole numbers from ${least} up, got ${low} and ${high}.`,
    );
  }
  if (sides[1] > Math.min(height, width)) {
    throw new RangeError(
      `digitScenes: digits of ${sides[1]} pixels do not fit scenes of ${width} × ${height}.`,
    );
  }
  const source = await mnist(folder, {split});
  const shift = Number(background);
  return {
    length,
    categories: [...(background ? ['background'] : []), ...source.categories],
    async get(index) {
      checkIndex(index, length);
      const random = new Random((seed * 2 + Number(split === 'test')) * 1_000_003 + index);
      const scene = new Scene(width, height, random);
      const wanted = random.next() < emptyShare ? 0 : digits[0] + random.int(digits[1] - digits[0] + 1);
      for (let attempt = 0; attempt < 8 * wanted && scene.count < wanted; attempt++) {
        const {image, label = 0} = await source.get(random.int(source.length));
        const side = sides[0] + random.int(sides[1] - sides[0] + 1);
        scene.tryToAdd(image, label + shift, side, overlap);
      }
      return {...scene.sample(background), file: `digit-scene-${split}-${seed}-${index}.png`};
    },
  };
}

/** A picture in the making. */
class Scene {
  readonly #width: number;
  readonly #height: number;
  readonly #random: Random;
  readonly #pixels: Uint8Array;
  /** The number of the digit that is seen at each pixel, from 1; 0 is the background. */
  readonly #owner: Uint8Array;
  readonly #labels: number[] = [];
  /** Around each digit before others covered a part. */
  readonly #boxes: Box[] = [];

  constructor(width: number, height: number, random: Random) {
    this.#width = width;
    this.#height = height;
    this.#random = random;
    this.#pixels = texture(width, height, random);
    this.#owner = new Uint8Array(width * height);
  }

  get count(): number {
    return this.#labels.length;
  }

  /** Draws a digit at random, unless its box and that of another one share too much. */
  tryToAdd(digit: Image, label: number, side: number, overlap: number): void {
    const random = this.#random;
    const left = random.int(this.#width - side + 1);
    const top = random.int(this.#height - side + 1);
    const ink = enlarged(digit, side);
    const box = boxOf(ink, side, side, share => share >= 0.5);
    if (!box) return;
    const placed: Box = [box[0] + left, box[1] + top, box[2] + left, box[3] + top];
    if (this.#boxes.some(other => sharedPart(placed, other) > overlap)) return;
    const at = (x: number, y: number) => (top + y) * this.#width + left + x;
    let [pixels, light] = [0, 0];
    for (let y = box[1]; y < box[3]; y++) {
      for (let x = box[0]; x < box[2]; x++, pixels++) light += luma(this.#pixels, at(x, y));
    }
    const colour = colourAgainst(light / pixels, random);
    this.#labels.push(label);
    this.#boxes.push(placed);
    for (let y = 0, i = 0; y < side; y++) {
      for (let x = 0; x < side; x++, i++) {
        const share = ink[i];
        if (share === 0) continue;
        const p = at(x, y);
        for (let c = 0; c < 3; c++) {
          const below = this.#pixels[3 * p + c];
          this.#pixels[3 * p + c] = Math.round(below + (colour[c] - below) * share);
        }
        if (share >= 0.5) this.#owner[p] = this.count;
      }
    }
  }

  /** The picture with what is seen of each digit. */
  sample(background: boolean): Omit<Sample, 'file'> {
    const boxes: number[] = [];
    const labels: number[] = [];
    const masks: Rle[] = [];
    for (let k = 1; k <= this.count; k++) {
      const seen = boxOf(this.#owner, this.#width, this.#height, owner => owner === k);
      // Several others may have covered all of it.
      if (!seen) continue;
      labels.push(this.#labels[k - 1]);
      boxes.push(...seen);
      masks.push(this.#maskOf(k));
    }
    const classMap = new Uint8Array(this.#owner.length);
    const empty = background ? 0 : ignoredClass(classMap);
    for (let i = 0; i < classMap.length; i++) {
      const owner = this.#owner[i];
      classMap[i] = owner ? this.#labels[owner - 1] : empty;
    }
    return {
      image: {data: this.#pixels, width: this.#width, height: this.#height, channels: 3},
      boxes: Float32Array.from(boxes),
      labels: Int32Array.from(labels),
      masks,
      classMap,
    };
  }

  #maskOf(k: number): Rle {
    const seen = new Uint8Array(this.#owner.length);
    for (let i = 0; i < seen.length; i++) if (this.#owner[i] === k) seen[i] = 1;
    return rleFromMask(seen, this.#height, this.#width);
  }
}

/** `[x1, y1, x2, y2]` in whole pixels. */
type Box = readonly [number, number, number, number];

/** The box around the values that count; undefined if none does. */
function boxOf(
  values: ArrayLike<number>,
  width: number,
  height: number,
  counts: (value: number) => boolean,
): Box | undefined {
  let [x1, y1, x2, y2] = [width, height, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!counts(values[i])) continue;
      if (x < x1) x1 = x;
      if (x >= x2) x2 = x + 1;
      if (y < y1) y1 = y;
      y2 = y + 1;
    }
  }
  return x2 > x1 ? [x1, y1, x2, y2] : undefined;
}

/** What two boxes share, as a share of the smaller one. */
function sharedPart(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return width > 0 && height > 0 ? (width * height) / Math.min(area(a), area(b)) : 0;
}

const luma = (pixels: Uint8Array, at: number) =>
  0.3 * pixels[3 * at] + 0.59 * pixels[3 * at + 1] + 0.11 * pixels[3 * at + 2];

/** A colour that is seen against what is this bright; after many tries, black or white. */
function colourAgainst(light: number, random: Random): Colour {
  for (let attempt = 0; attempt < 20; attempt++) {
    const colour = randomColour(random);
    if (Math.abs(luma(Uint8Array.from(colour), 0) - light) >= contrast) return colour;
  }
  return light > 127 ? [0, 0, 0] : [255, 255, 255];
}

/** A grey digit at another size, bilinear. @returns `[side · side]` in [0, 1]. */
function enlarged({data, width, height}: Image, side: number): Float32Array {
  const ink = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    const sy = Math.max(0, ((y + 0.5) * height) / side - 0.5);
    const top = Math.min(height - 2, Math.floor(sy));
    for (let x = 0; x < side; x++) {
      const sx = Math.max(0, ((x + 0.5) * width) / side - 0.5);
      const left = Math.min(width - 2, Math.floor(sx));
      const [fx, fy, at] = [Math.min(1, sx - left), Math.min(1, sy - top), top * width + left];
      const above = data[at] * (1 - fx) + data[at + 1] * fx;
      const below = data[at + width] * (1 - fx) + data[at + width + 1] * fx;
      ink[y * side + x] = (above * (1 - fy) + below * fy) / 255;
    }
  }
  return ink;
}
