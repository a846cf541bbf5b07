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
    let to = ((y + 1) * width - 1) * channels;
    // Spelled out for speed: this runs for every other image of an epoch.
    for (let x = 0; x < width; x++, from += channels, to -= channels) {
      mirrored[to] = data[from];
      if (channels === 1) continue;
      mirrored[to + 1] = data[from + 1];
      mirrored[to + 2] = data[from + 2];
    }
  }
  return {...image, data: mirrored};
}
