import type {Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {ImageTransform, PixelSize, Placement} from '../detectionNetwork.js';
import {pixels} from './wholeImage.js';

/** What darknet fills the border with: grey. */
const border = 0.5;

/** Shrinks or enlarges each image until it just fits the input, keeps its shape, and fills the rest with grey. */
export function letterbox(size: PixelSize): ImageTransform {
  return {
    toInput(images) {
      const placements = images.map(image => fitted(image, size));
      return {
        images: tf.tidy(() => tf.concat(images.map((image, i) => framed(image, placements[i], size)))),
        placements,
      };
    },
  };
}

function fitted({height, width}: Image, [inputHeight, inputWidth]: PixelSize): Placement {
  const scale = Math.min(inputHeight / height, inputWidth / width);
  const inner = [height, width].map(side => Math.max(1, Math.round(side * scale)));
  return {
    size: [height, width],
    scale: [inner[0] / height, inner[1] / width],
    offset: [Math.floor((inputHeight - inner[0]) / 2), Math.floor((inputWidth - inner[1]) / 2)],
  };
}

function framed(image: Image, {size, scale, offset}: Placement, input: PixelSize): tf.Tensor4D {
  const inner: PixelSize = [Math.round(size[0] * scale[0]), Math.round(size[1] * scale[1])];
  const sides = ([0, 1] as const).map((axis): [number, number] => [
    offset[axis],
    input[axis] - inner[axis] - offset[axis],
  ]);
  return tf.pad(pixels(image, inner), [[0, 0], sides[0], sides[1], [0, 0]], border);
}
