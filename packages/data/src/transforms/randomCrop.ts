// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, section 4.2.
import type {Transform} from '../sample.js';

/**
 * Shifts an image by up to `padding` pixels each way, at random: pads it on all sides and cuts its own size out.
 *
 * @param options - `padding` in pixels, `fill` the value of the padding. @defaultValue `{padding: 4, fill: 0}`
 */
export function randomCrop({padding = 4, fill = 0}: {padding?: number; fill?: number} = {}): Transform {
  return (sample, random) => {
    const {data, width, height, channels} = sample.image;
    const dx = random.int(2 * padding + 1) - padding;
    const dy = random.int(2 * padding + 1) - padding;
    const shifted = new Uint8Array(data.length).fill(fill);
    // Columns [left, right) of a row have a source.
    const left = Math.max(0, -dx);
    const right = Math.min(width, width - dx);
    for (let y = Math.max(0, -dy); y < Math.min(height, height - dy) && left < right; y++) {
      const from = (y + dy) * width + dx;
      shifted.set(
        data.subarray((from + left) * channels, (from + right) * channels),
        (y * width + left) * channels,
      );
    }
    return {...sample, image: {...sample.image, data: shifted}};
  };
}
