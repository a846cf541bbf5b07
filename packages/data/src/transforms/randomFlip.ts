import type {Image} from '../image.js';
import type {Transform} from '../sample.js';

/**
 * Mirrors an image, left to right, at random. Not for digits and text.
 *
 * @param options - `probability` in [0, 1]. @defaultValue `{probability: 0.5}`
 */
export function randomFlip({probability = 0.5}: {probability?: number} = {}): Transform {
  return (sample, random) =>
    random.next() < probability ? {...sample, image: mirror(sample.image)} : sample;
}

function mirror(image: Image): Image {
  const {data, width, height, channels} = image;
  const mirrored = new Uint8Array(data.length);
  for (let y = 0, from = 0; y < height; y++) {
    for (let to = ((y + 1) * width - 1) * channels; from < (y + 1) * width * channels; to -= channels) {
      for (let c = 0; c < channels; c++) mirrored[to + c] = data[from++];
    }
  }
  return {...image, data: mirrored};
}
