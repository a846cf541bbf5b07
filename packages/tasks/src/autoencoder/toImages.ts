import type {Preprocess} from '@foveal/core';
import type {Image} from '@foveal/data';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Values as a network sees them, as images to be looked at: the preprocessing undone, and cut off to bytes.
 *
 * @param values - `[N, H, W, C]` float32.
 */
export async function toImages(
  values: tf.Tensor4D,
  {scale, mean, std, color}: Pick<Preprocess, 'scale' | 'mean' | 'std' | 'color'>,
): Promise<Image[]> {
  const [count, height, width, channels] = values.shape;
  const all = await values.data<'float32'>();
  const size = height * width * channels;
  return Array.from({length: count}, (_, n) => {
    // A clamped array rounds, too.
    const data = new Uint8ClampedArray(size);
    for (let i = 0; i < size; i++) {
      const c = i % channels;
      const from = color === 'bgr' ? i - c + (channels - 1 - c) : i;
      data[i] = (all[n * size + from] * std[from % channels] + mean[from % channels]) / scale;
    }
    return {data: new Uint8Array(data.buffer), width, height, channels: channels as Image['channels']};
  });
}
