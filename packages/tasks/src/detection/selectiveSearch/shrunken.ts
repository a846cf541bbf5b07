import type {Image} from '@foveal/data';

/**
 * An image whose longer side is at most so many pixels, each the mean of the area that it stands for. In whole numbers
 * on every machine alike.
 */
export function shrunken(image: Image, longerSide: number): Image {
  const scale = longerSide / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const {channels, data} = image;
  const out = new Uint8Array(width * height * channels);
  const columns = shares(image.width, width);
  const rows = shares(image.height, height);
  const sums = new Float64Array(channels);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sums.fill(0);
      let total = 0;
      for (const [fromY, shareY] of rows[y]) {
        for (const [fromX, shareX] of columns[x]) {
          const share = shareX * shareY;
          const from = (fromY * image.width + fromX) * channels;
          total += share;
          for (let c = 0; c < channels; c++) sums[c] += share * data[from + c];
        }
      }
      for (let c = 0; c < channels; c++) out[to++] = Math.round(sums[c] / total);
    }
  }
  return {data: out, width, height, channels};
}

/** For each place of the shorter side: the places of the longer that it covers, and how much of each. */
function shares(source: number, target: number): [place: number, share: number][][] {
  const step = source / target;
  return Array.from({length: target}, (_, i) => {
    const [start, end] = [i * step, (i + 1) * step];
    const covered: [number, number][] = [];
    for (let place = Math.floor(start); place < Math.min(end, source); place++) {
      covered.push([place, Math.min(end, place + 1) - Math.max(start, place)]);
    }
    return covered;
  });
}
