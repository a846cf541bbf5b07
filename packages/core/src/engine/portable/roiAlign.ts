import * as tf from '@tensorflow/tfjs-core';
import {RoiAlign, type RoiAlignAttrs, RoiAlignGrad, type RoiAlignGradAttrs} from '../../ops/roiAlign.js';
import {portableKernel} from './portableKernel.js';

type Shape4D = [number, number, number, number];
type Boxes = {boxes: tf.Tensor2D; boxIndices: tf.Tensor1D};

/** Each bin gathers weighted feature pixels; the sum runs along contiguous channels. */
export const roiAlign = portableKernel<Boxes & {features: tf.Tensor4D}, RoiAlignAttrs>(
  RoiAlign,
  ({features, boxes, boxIndices}, attrs) => {
    const [, , , channels] = features.shape;
    const [bins, from] = [boxes.shape[0] * attrs.outputSize[0] * attrs.outputSize[1], features.dataSync()];
    const to = new Float32Array(bins * channels);
    forEachTap({boxes, boxIndices}, features.shape, attrs, (bin, pixel, weight) => {
      for (let c = 0; c < channels; c++) to[bin * channels + c] += weight * from[pixel * channels + c];
    });
    return tf.tensor4d(to, [boxes.shape[0], ...attrs.outputSize, channels]);
  },
);

/** The same taps the other way: each bin scatters its gradient. */
export const roiAlignGrad = portableKernel<Boxes & {dy: tf.Tensor4D}, RoiAlignGradAttrs>(
  RoiAlignGrad,
  ({dy, boxes, boxIndices}, attrs) => {
    const [channels, from] = [attrs.shape[3], dy.dataSync()];
    const to = new Float32Array(tf.util.sizeFromShape(attrs.shape));
    forEachTap({boxes, boxIndices}, attrs.shape, attrs, (bin, pixel, weight) => {
      for (let c = 0; c < channels; c++) to[pixel * channels + c] += weight * from[bin * channels + c];
    });
    return tf.tensor4d(to, attrs.shape);
  },
);

/**
 * Calls `visit` for every feature pixel that feeds a bin. Pixels count over all images, bins over all boxes.
 *
 * @throws RangeError if a box names an image that is not there.
 */
function forEachTap(
  {boxes, boxIndices}: Boxes,
  [images, height, width]: Shape4D,
  {outputSize: [binsHigh, binsWide], spatialScale, samplingRatio, aligned}: RoiAlignAttrs,
  visit: (bin: number, pixel: number, weight: number) => void,
): void {
  const [corners, owners] = [boxes.dataSync(), boxIndices.dataSync()];
  // In float32, as the native kernels: rounding decides how many samples a bin of whole pixels gets.
  const scaled = (corner: number) => Math.fround(Math.fround(corner * spatialScale) - (aligned ? 0.5 : 0));
  const bins = (from: number, to: number, count: number, size: number) => {
    const length = Math.fround(aligned ? to - from : Math.max(to - from, 1));
    const step = Math.fround(length / count);
    return Array.from({length: count}, (_, bin) => samples(from + bin * step, step, samplingRatio, size));
  };

  let at = 0;
  for (let box = 0; box < boxes.shape[0]; box++) {
    const image = owners[box];
    if (!(image >= 0 && image < images)) {
      throw new RangeError(
        `roiAlign: boxIndices[${box}] is ${image}, but there are ${images} images. Number them from 0.`,
      );
    }
    const [left, top, right, bottom] = corners.subarray(4 * box, 4 * box + 4).map(scaled);
    const columnBins = bins(left, right, binsWide, width);
    for (const rows of bins(top, bottom, binsHigh, height)) {
      for (const columns of columnBins) {
        for (const [row, down] of rows) {
          for (const [column, across] of columns) {
            visit(at, (image * height + row) * width + column, down * across);
          }
        }
        at++;
      }
    }
  }
}

/**
 * What one bin reads along one axis: pixels, and their shares. Bilinear weights are products of two such shares.
 *
 * @param first - Where the bin begins, in pixels.
 * @param count - Samples; 0 takes one a pixel.
 */
function samples(
  first: number,
  length: number,
  count: number,
  size: number,
): [pixel: number, share: number][] {
  const taps: [number, number][] = [];
  count ||= Math.ceil(length);
  // A box may reach far beyond the image, or be no number: visit only what can lie inside.
  const step = length / count;
  const far = 1e9;
  if (!(Math.abs(first) < far && Math.abs(length) < far)) return taps;
  const inside = [(-1 - first) / step, (size - first) / step];
  const [begin, end] = step === 0 ? [0, count] : [Math.min(...inside) - 1, Math.max(...inside) + 1];
  for (let i = Math.max(0, Math.floor(begin)); i < Math.min(count, end); i++) {
    const sample = first + (i + 0.5) * step;
    if (!(sample >= -1 && sample <= size)) continue;
    const position = Math.min(Math.max(sample, 0), size - 1);
    const low = Math.floor(position);
    const fraction = position - low;
    taps.push([low, (1 - fraction) / count], [Math.min(low + 1, size - 1), fraction / count]);
  }
  return taps;
}
