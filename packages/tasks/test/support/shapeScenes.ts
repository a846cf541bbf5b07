import type {Random} from '@foveal/core';
import type {Dataset, Image, Sample} from '@foveal/data';

export type Color = readonly [red: number, green: number, blue: number];

/** An image of one colour. */
export function flatImage(width: number, height: number, color: Color): Image {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = color[i % 3];
  return {data, width, height, channels: 3};
}

/** Paints a rectangle `[x1, y1, x2, y2]` of whole pixels. */
export function paint({data, width}: Image, [x1, y1, x2, y2]: readonly number[], color: Color): void {
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) data.set(color, (y * width + x) * 3);
  }
}

/** Categories of {@link shapeScenes}: blocks that are red, or blue. */
export const blockCategories = ['red block', 'blue block'] as const;
const colors: readonly Color[] = [
  [220, 40, 40],
  [40, 60, 220],
];

/** Blocks on grey noise that do not touch, with their boxes. */
export function shapeScene(random: Random, size: number, objects: number): Sample {
  const image = flatImage(size, size, [120, 120, 120]);
  for (let i = 0; i < image.data.length; i++) image.data[i] += random.int(9) - 4;
  const boxes: number[][] = [];
  const labels: number[] = [];
  for (let attempt = 0; boxes.length < objects && attempt < 200; attempt++) {
    const [width, height] = [0, 1].map(() => Math.floor(size / 6) + random.int(Math.ceil(size / 5)));
    const [x, y] = [width, height].map(side => random.int(size - side));
    const box = [x, y, x + width, y + height];
    const apart = boxes.every(
      b => box[0] > b[2] + 3 || b[0] > box[2] + 3 || box[1] > b[3] + 3 || b[1] > box[3] + 3,
    );
    if (!apart) continue;
    const label = random.int(colors.length);
    paint(image, box, colors[label]);
    boxes.push(box);
    labels.push(label);
  }
  return {image, boxes: Float32Array.from(boxes.flat()), labels: Int32Array.from(labels), file: 'scene'};
}

/** A dataset of scenes, one to three objects each. */
export function shapeScenes(random: Random, count: number, size: number): Dataset & {samples: Sample[]} {
  const samples = Array.from({length: count}, (_, i) => ({
    ...shapeScene(random, size, 1 + random.int(3)),
    file: `scene ${i}`,
  }));
  return {length: count, categories: blockCategories, get: async index => samples[index], samples};
}
