import * as tf from '@tensorflow/tfjs-core';
import {RoiPool, type RoiPoolAttrs, RoiPoolGrad, type RoiPoolGradAttrs} from '../../ops/roiPool.js';
import {portableKernel} from './portableKernel.js';

type Inputs = {features: tf.Tensor4D; boxes: tf.Tensor2D; boxIndices: tf.Tensor1D};
type GradInputs = {dy: tf.Tensor4D; largest: tf.Tensor4D; boxIndices: tf.Tensor1D};

/** The largest value of each bin and channel, and the pixel of its image where it is: −1 where there is none. */
export const roiPool = portableKernel<Inputs, RoiPoolAttrs>(
  RoiPool,
  ({features, boxes, boxIndices}, {outputSize: [binsHigh, binsWide], spatialScale}) => {
    const [images, height, width, channels] = features.shape;
    const [from, corners] = [features.dataSync<'float32'>(), boxes.dataSync<'float32'>()];
    const shape: [number, number, number, number] = [boxes.shape[0], binsHigh, binsWide, channels];
    const best = new Float32Array(tf.util.sizeFromShape(shape));
    const pixels = new Int32Array(best.length).fill(-1);
    let to = 0;
    boxIndices.dataSync<'int32'>().forEach((image, box) => {
      if (!(image >= 0 && image < images)) {
        throw new RangeError(
          `roiPool: boxIndices[${box}] is ${image}, but there are ${images} images. Number them from 0.`,
        );
      }
      const [left, top, right, bottom] = corners
        .subarray(4 * box, 4 * box + 4)
        .map(corner => rounded(Math.fround(corner * Math.fround(spatialScale))));
      const columnBins = spans(left, right, binsWide, width);
      for (const [firstRow, lastRow] of spans(top, bottom, binsHigh, height)) {
        for (const [firstColumn, lastColumn] of columnBins) {
          const isEmpty = lastRow <= firstRow || lastColumn <= firstColumn;
          if (!isEmpty) best.fill(-LARGEST, to, to + channels);
          for (let y = firstRow; y < lastRow; y++) {
            for (let x = firstColumn; x < lastColumn; x++) {
              const pixel = y * width + x;
              const at = (image * height * width + pixel) * channels;
              for (let c = 0; c < channels; c++) {
                if (!(from[at + c] > best[to + c])) continue;
                best[to + c] = from[at + c];
                pixels[to + c] = pixel;
              }
            }
          }
          to += channels;
        }
      }
    });
    return [tf.tensor4d(best, shape), tf.tensor4d(pixels, shape, 'int32')];
  },
);

/** Each gradient goes where its value came from. */
export const roiPoolGrad = portableKernel<GradInputs, RoiPoolGradAttrs>(
  RoiPoolGrad,
  ({dy, largest, boxIndices}, {shape}) => {
    const [, height, width, channels] = shape;
    const [from, pixels] = [dy.dataSync<'float32'>(), largest.dataSync<'int32'>()];
    const to = new Float32Array(tf.util.sizeFromShape(shape));
    const perBox = tf.util.sizeFromShape(dy.shape.slice(1));
    boxIndices.dataSync<'int32'>().forEach((image, box) => {
      for (let i = box * perBox; i < (box + 1) * perBox; i++) {
        if (pixels[i] < 0) continue;
        to[(image * height * width + pixels[i]) * channels + (i % channels)] += from[i];
      }
    });
    return tf.tensor4d(to, shape);
  },
);

const LARGEST = 3.4028234663852886e38;
const FAR = 1e9;

/** Halves away from zero, as C rounds. */
const rounded = (value: number) => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

/** The pixels `[first, last)` of each bin along one axis. */
function spans(low: number, high: number, bins: number, size: number): [number, number][] {
  const clamped = (pixel: number) => Math.min(Math.max(pixel, 0), size);
  const known = Math.abs(low) < FAR && Math.abs(high) < FAR; // NaN is not
  const step = Math.fround(Math.fround(Math.max(high - low + 1, 1)) / bins);
  return Array.from({length: bins}, (_, bin) => [
    known ? clamped(Math.floor(Math.fround(bin * step)) + low) : 0,
    known ? clamped(Math.ceil(Math.fround((bin + 1) * step)) + low) : 0,
  ]);
}
