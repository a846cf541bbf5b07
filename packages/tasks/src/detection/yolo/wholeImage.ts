import type {Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {ImageTransform, PixelSize, Placement} from '../detectionNetwork.js';
import {resizeLikeOpenCv} from './resizeLikeOpenCv.js';

/**
 * Stretches each image to the size of the input, whatever its shape, as darknet and OpenCV do, and divides by 255.
 */
export function wholeImage([height, width]: PixelSize): ImageTransform {
  return {
    toInput: images => ({
      images: tf.tidy(() => tf.concat(images.map(image => pixels(image, [height, width])))),
      placements: images.map(
        (image): Placement => ({
          size: [image.height, image.width],
          scale: [height / image.height, width / image.width],
          offset: [0, 0],
        }),
      ),
    }),
  };
}

/** An image of another size. @returns `[1, height, width, 3]` float32 in [0, 1]; grey becomes three equal channels. */
export function pixels(image: Image, [height, width]: PixelSize): tf.Tensor4D {
  const same = image.height === height && image.width === width;
  const {data, channels} = same ? image : resizeLikeOpenCv(image, [height, width]);
  const values = new Float32Array(height * width * 3);
  for (let i = 0; i < values.length; i++) values[i] = data[channels === 3 ? i : Math.floor(i / 3)] / 255;
  return tf.tensor4d(values, [1, height, width, 3]);
}
