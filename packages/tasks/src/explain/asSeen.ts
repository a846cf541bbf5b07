import type {Preprocess} from '@foveal/core';
import type {Image} from '@foveal/data';

/** A model's input as a picture again: what it sees, cut and resized, in red, green and blue. */
export function asSeen(
  input: Float32Array,
  {inputSize: [height, width], color, scale, mean, std}: Preprocess,
): Image {
  const channels = color === 'gray' ? 1 : 3;
  const data = new Uint8Array(height * width * channels);
  for (let i = 0; i < data.length; i++) {
    const c = i % channels;
    const value = Math.min(Math.max(Math.round((input[i] * std[c] + mean[c]) / scale), 0), 255);
    data[color === 'bgr' ? i - c + (2 - c) : i] = value;
  }
  return {data, width, height, channels};
}
