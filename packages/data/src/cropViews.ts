// Ten crops: Krizhevsky et al., NIPS 2012, section 4.1; 144 crops: Szegedy et al., arXiv:1409.4842, section 7.
import type {Preprocess} from '@foveal/core';
import {inputLength, writeNormalized} from './applyPreprocess.js';
import {cropImage, type Region} from './cropImage.js';
import {fitImage} from './fitImage.js';
import type {Image} from './image.js';
import {resizeLikePillow} from './resizeLikePillow.js';
import {gatherImage, range} from './transforms/grid.js';
import {shorterTo} from './transforms/resize.js';

/** Numbers of views of an image that {@link cropViews} can make. */
export const cropCounts = [1, 2, 5, 10, 144] as const;

/** A number in {@link cropCounts}. */
export type CropCount = (typeof cropCounts)[number];

/**
 * Several views of one image, as a model wants them; what it says about them is averaged.
 *
 * - 1: as `applyPreprocess`; 2: and mirrored;
 * - 5: the centre and the four corners; 10: and mirrored, as torchvision's TenCrop;
 * - 144: GoogLeNet's: four sizes of the image, of each three squares, of each the corners, the centre and the whole,
 *   and all mirrored.
 *
 * Corners need an image larger than the model's: where `preprocess` has no `resize`, it is stretched to 8/7 of it.
 *
 * @returns `[crops, height, width, channels]` float32, normalised, the centre first.
 * @throws RangeError if there is no such number of views.
 */
export function cropViews(image: Image, preprocess: Preprocess, crops: CropCount): Float32Array {
  const views = viewsOf(image, preprocess, crops);
  const length = inputLength(preprocess);
  const out = new Float32Array(views.length * length);
  views.forEach((view, i) => {
    writeNormalized(view, preprocess, out, i * length);
  });
  return out;
}

function viewsOf(image: Image, preprocess: Preprocess, crops: CropCount): Image[] {
  if (crops === 1) return [fitImage(image, preprocess)];
  if (crops === 2) return withMirrored([fitImage(image, preprocess)]);
  const [height, width] = preprocess.inputSize;
  if (crops === 144) {
    const shortest = preprocess.resize ?? Math.round((Math.min(height, width) * 8) / 7);
    const sizes = [1, 1.125, 1.25, 1.375].map(scale => Math.round(shortest * scale));
    return withMirrored(sizes.flatMap(side => squares(image, side).flatMap(one => six(one, width, height))));
  }
  if (crops !== 5 && crops !== 10)
    throw new RangeError(`cropViews: there are ${cropCounts.join(', ')} views of an image; got ${crops}.`);
  const large = resizeLikePillow(image, largerSize(image, preprocess));
  const views = [fitCentre(image, large, preprocess), ...corners(large, width, height)];
  return crops === 5 ? views : withMirrored(views);
}

function largerSize(image: Image, {inputSize: [height, width], resize}: Preprocess) {
  if (resize !== undefined) return shorterTo(image, resize);
  return {width: Math.round((width * 8) / 7), height: Math.round((height * 8) / 7)};
}

// With a resize the centre is what evaluation sees, to the pixel.
function fitCentre(image: Image, large: Image, preprocess: Preprocess): Image {
  if (preprocess.resize !== undefined) return fitImage(image, preprocess);
  const [height, width] = preprocess.inputSize;
  return centre(large, width, height);
}

const centre = (image: Image, width: number, height: number) =>
  cropImage(image, {
    left: (image.width - width) >> 1,
    top: (image.height - height) >> 1,
    width,
    height,
  });

function corners(image: Image, width: number, height: number): Image[] {
  const [right, bottom] = [image.width - width, image.height - height];
  const places = [
    [0, 0],
    [right, 0],
    [0, bottom],
    [right, bottom],
  ];
  return places.map(([left, top]) => cropImage(image, {left, top, width, height}));
}

/** The first, the middle and the last square along the longer side. */
function squares(image: Image, side: number): Image[] {
  const size = shorterTo(image, side);
  const [spareX, spareY] = [size.width - side, size.height - side];
  return [0, 0.5, 1].map(share => {
    const region: Region = {
      left: Math.floor(spareX * share),
      top: Math.floor(spareY * share),
      width: side,
      height: side,
    };
    return resizeLikePillow(image, size, region);
  });
}

const six = (square: Image, width: number, height: number) => [
  centre(square, width, height),
  ...corners(square, width, height),
  resizeLikePillow(square, {width, height}),
];

const withMirrored = (views: Image[]) => [...views, ...views.map(mirrored)];

function mirrored(image: Image): Image {
  const {width, height} = image;
  return gatherImage(image, {columns: range(width, 0, width).reverse(), rows: range(height, 0, height)}, 0);
}
