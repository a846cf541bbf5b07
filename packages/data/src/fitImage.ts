import type {Preprocess} from '@foveal/core';
import {cropImage} from './cropImage.js';
import type {Image} from './image.js';
import {resizeLikePillow} from './resizeLikePillow.js';

/**
 * Brings an image to the size a model sees, as torchvision does: the shorter side to `resize`, then the centre; or,
 * without `resize`, the whole image to `inputSize`. An image that has the size already comes back as it is.
 *
 * @throws RangeError if `resize` leaves an image smaller than `inputSize`.
 */
export function fitImage(
  image: Image,
  {inputSize: [height, width], resize, rounding = 'torchvision'}: Preprocess,
): Image {
  if (resize === undefined) {
    if (image.width === width && image.height === height) return image;
    return resizeLikePillow(image, {width, height});
  }
  if (resize < Math.max(height, width)) {
    throw new RangeError(
      `preprocess: resize ${resize} leaves less than inputSize [${height}, ${width}]. Make it larger.`,
    );
  }
  return cutCentre(image, {width, height}, resize, roundings[rounding]);
}

interface Rounding {
  /** Of the longer side. */
  side: (length: number) => number;
  /** Of the crop's left and top. */
  place: (start: number) => number;
}

const roundings: Record<NonNullable<Preprocess['rounding']>, Rounding> = {
  torchvision: {side: Math.floor, place: roundHalfEven},
  nearest: {side: roundHalfEven, place: Math.floor},
};

function cutCentre(
  image: Image,
  crop: {width: number; height: number},
  resize: number,
  {side, place}: Rounding,
): Image {
  const shorter = Math.min(image.width, image.height);
  const scaled = (length: number) => (length === shorter ? resize : side((resize * length) / shorter));
  const size = {width: scaled(image.width), height: scaled(image.height)};
  const region = {
    left: place((size.width - crop.width) / 2),
    top: place((size.height - crop.height) / 2),
    ...crop,
  };
  // An image of 1 × 4000 becomes one of 256 × 1,024,000, of which only the region is computed.
  return shorter === resize ? cropImage(image, region) : resizeLikePillow(image, size, region);
}

/** Python's round. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
