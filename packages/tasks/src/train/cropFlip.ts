// He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385, section 4.2.
import type {Random} from '@foveal/core';
import type {Sample} from '@foveal/data';

/**
 * The augmentation of the CIFAR experiments: the image is shifted by up to an eighth of its size in each direction,
 * with black coming in at the border, and mirrored every second time.
 */
export function cropFlip(sample: Sample, random: Random): Sample {
  const {data, width, height, channels} = sample.image;
  const reach = (size: number) => Math.max(1, Math.round(size / 8));
  const dx = random.int(2 * reach(width) + 1) - reach(width);
  const dy = random.int(2 * reach(height) + 1) - reach(height);
  const mirrored = random.int(2) === 1;
  const changed = new Uint8Array(data.length);
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
      const from = ((y + dy) * width + x + dx) * channels;
      const to = (y * width + (mirrored ? width - 1 - x : x)) * channels;
      for (let c = 0; c < channels; c++) changed[to + c] = data[from + c];
    }
  }
  return {...sample, image: {...sample.image, data: changed}};
}
