// torchvision's functional_tensor on uint8: results are cut off to whole numbers, in float32.
import type {Image} from '../image.js';

/** Every value times `factor`: 0 is black, 1 the image as it is. */
export function adjustBrightness(image: Image, factor: number): Image {
  return lookUp(image, blendTable(factor, 0));
}

/** Away from the mean grey: factor 0 is a grey surface, 1 the image as it is. */
export function adjustContrast(image: Image, factor: number): Image {
  const {data, channels} = image;
  let sum = 0;
  if (channels === 1) for (const value of data) sum += value;
  else for (let i = 0; i < data.length; i += 3) sum += gray(data, i);
  return lookUp(image, blendTable(factor, (sum * channels) / data.length));
}

/** Away from grey: factor 0 is a grey image, 1 the image as it is. A grey image stays as it is. */
export function adjustSaturation(image: Image, factor: number): Image {
  const {data, channels} = image;
  if (channels === 1) return image;
  const shares = share(factor);
  const rests = share(1 - factor);
  const adjusted = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const rest = rests[gray(data, i)];
    adjusted[i] = Math.floor(Math.fround(shares[data[i]] + rest));
    adjusted[i + 1] = Math.floor(Math.fround(shares[data[i + 1]] + rest));
    adjusted[i + 2] = Math.floor(Math.fround(shares[data[i + 2]] + rest));
  }
  return {...image, data: new Uint8Array(adjusted.buffer)};
}

/** Turns the hue by `shift` of a circle, in [−0.5, 0.5]. A grey image stays as it is. */
export function adjustHue(image: Image, shift: number): Image {
  const {data, channels} = image;
  if (channels === 1) return image;
  const adjusted = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [red, green, blue] = [data[i], data[i + 1], data[i + 2]];
    const most = Math.max(red, green, blue);
    const chroma = most - Math.min(red, green, blue);
    // Sixths of the circle, from red over green to blue.
    let hue = 0;
    if (chroma > 0) {
      if (most === red) hue = (green - blue) / chroma;
      else if (most === green) hue = 2 + (blue - red) / chroma;
      else hue = 4 + (red - green) / chroma;
    }
    hue += 6 * shift + 6;
    adjusted[i] = level(hue + 5, most, chroma);
    adjusted[i + 1] = level(hue + 3, most, chroma);
    adjusted[i + 2] = level(hue + 1, most, chroma);
  }
  return {...image, data: adjusted};
}

/** One channel of a colour given by hue: from `most` down by as much of the chroma as the hue is away. */
function level(place: number, most: number, chroma: number): number {
  const sixth = place % 6;
  const value = most - chroma * Math.max(0, Math.min(sixth, 4 - sixth, 1));
  // As torchvision brings [0, 1] to bytes: times 255.999, cut off.
  return Math.floor((value / 255) * 255.999);
}

/** `factor · v` for each byte, in float32. */
function share(factor: number): Float32Array {
  const single = Math.fround(factor);
  return Float32Array.from({length: 256}, (_, value) => single * value);
}

const [redShare, greenShare, blueShare] = [0.2989, 0.587, 0.114].map(share);

/** torchvision's grey, cut off. */
const gray = (data: Uint8Array, i: number) =>
  Math.floor(Math.fround(Math.fround(redShare[data[i]] + greenShare[data[i + 1]]) + blueShare[data[i + 2]]));

function blendTable(factor: number, other: number): Uint8ClampedArray {
  const rest = Math.fround(Math.fround(1 - factor) * Math.fround(other));
  return Uint8ClampedArray.from(share(factor), value => Math.floor(Math.fround(value + rest)));
}

function lookUp(image: Image, table: Uint8ClampedArray): Image {
  const {data} = image;
  const adjusted = new Uint8Array(data.length);
  for (let i = 0; i < adjusted.length; i++) adjusted[i] = table[data[i]];
  return {...image, data: adjusted};
}
