import {Random, type Rle, rleFromMask} from '@foveal/core';
import type {Dataset, Sample} from '@foveal/data';

/** Bright rectangles on noise, of a category each by their colour: scenes that need no files. */
export function shapes(
  length: number,
  {
    size = 48,
    objects = 3,
    masks = true,
    seed = 1,
    empty = 0,
  }: {size?: number; objects?: number; masks?: boolean; seed?: number; empty?: number} = {},
): Dataset {
  const categories = ['red', 'green'];
  return {
    length,
    categories,
    async get(index): Promise<Sample> {
      const random = new Random(seed * 1000 + index);
      const data = Uint8Array.from({length: size * size * 3}, () => random.int(60));
      const boxes: number[] = [];
      const labels: number[] = [];
      const drawn: Rle[] = [];
      for (let k = 0; k < (index < empty ? 0 : 1 + random.int(objects)); k++) {
        const [width, height] = [10 + random.int(8), 10 + random.int(8)];
        // A column each: none covers another.
        const x = Math.min(size - width, k * Math.floor(size / objects));
        const y = random.int(size - height);
        const label = random.int(2);
        const mask = new Uint8Array(size * size);
        for (let row = y; row < y + height; row++) {
          for (let column = x; column < x + width; column++) {
            mask[row * size + column] = 1;
            data[3 * (row * size + column) + label] = 200 + random.int(50);
          }
        }
        boxes.push(x, y, x + width, y + height);
        labels.push(label);
        drawn.push(rleFromMask(mask, size, size));
      }
      return {
        image: {data, width: size, height: size, channels: 3},
        boxes: Float32Array.from(boxes),
        labels: Int32Array.from(labels),
        ...(masks && {masks: drawn}),
        file: `scene-${index}.png`,
      };
    },
  };
}
