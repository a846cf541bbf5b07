import type {Image} from './image.js';
import type {Region} from './resizeImage.js';

/**
 * Enlarges by bilinear interpolation between the pixels' centres, columns first, as Pillow and torchvision do, and
 * computes only the region that is asked for. libvips places enlarged pixels up to half a pixel off.
 *
 * @param size - Of the whole enlarged image; no side smaller than the image's.
 * @param region - In the enlarged image.
 */
export function enlargeImage(image: Image, size: {width: number; height: number}, region: Region): Image {
  const {data, width, height, channels} = image;
  const columns = neighbours(width, size.width, region.left, region.width);
  const rows = neighbours(height, size.height, region.top, region.height);
  // Rounded to bytes between the two passes, as Pillow does.
  const widened = new Uint8Array(region.width * height * channels);
  for (let y = rows.first[0]; y <= rows.second[region.height - 1]; y++) {
    for (let x = 0, to = y * region.width * channels; x < region.width; x++) {
      const left = (y * width + columns.first[x]) * channels;
      const right = (y * width + columns.second[x]) * channels;
      const share = columns.share[x];
      for (let c = 0; c < channels; c++) widened[to++] = mix(data[left + c], data[right + c], share);
    }
  }
  const row = region.width * channels;
  const enlarged = new Uint8Array(row * region.height);
  for (let y = 0, to = 0; y < region.height; y++) {
    const above = rows.first[y] * row;
    const below = rows.second[y] * row;
    for (let i = 0; i < row; i++) enlarged[to++] = mix(widened[above + i], widened[below + i], rows.share[y]);
  }
  return {data: enlarged, width: region.width, height: region.height, channels};
}

/** One as Pillow counts shares, in whole numbers, so that ties are rounded alike. */
const one = 2 ** 22;

const mix = (a: number, b: number, share: number) => (a * (one - share) + b * share + one / 2) >> 22;

/** For each of `count` places from `start`: the two source pixels around it, and the share of the second. */
function neighbours(source: number, target: number, start: number, count: number) {
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  const share = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const centre = ((start + i + 0.5) * source) / target - 0.5;
    const left = Math.floor(centre);
    first[i] = Math.max(left, 0);
    second[i] = Math.min(left + 1, source - 1);
    share[i] = Math.round((centre - left) * one);
  }
  return {first, second, share};
}
