import * as tf from '@tensorflow/tfjs-core';
import {CropResize, type CropResizeAttrs, CropResizeGrad} from '../../ops/cropAndResize.js';
import {portableKernel} from './portableKernel.js';

type Boxes = {boxes: tf.Tensor2D; boxIndices: tf.Tensor1D};

/** Each pixel of a crop gathers what it sees of its image. */
export const cropResize = portableKernel<Boxes & {image: tf.Tensor4D}, CropResizeAttrs>(
  CropResize,
  ({image, ...boxes}, attrs) => {
    const channels = attrs.shape[3];
    const from = image.dataSync<'float32'>();
    const shape: [number, number, number, number] = [boxes.boxes.shape[0], ...attrs.size, channels];
    const to = new Float32Array(tf.util.sizeFromShape(shape)).fill(attrs.extrapolationValue);
    let touched = -1;
    forEachTap(boxes, attrs, (at, pixel, weight) => {
      if (at !== touched) to.fill(0, at * channels, (at + 1) * channels);
      touched = at;
      for (let c = 0; c < channels; c++) to[at * channels + c] += weight * from[pixel * channels + c];
    });
    return tf.tensor4d(to, shape);
  },
);

/** The same taps the other way: each pixel of a crop scatters its gradient. */
export const cropResizeGrad = portableKernel<Boxes & {dy: tf.Tensor4D}, CropResizeAttrs>(
  CropResizeGrad,
  ({dy, ...boxes}, attrs) => {
    const [channels, from] = [attrs.shape[3], dy.dataSync<'float32'>()];
    const to = new Float32Array(tf.util.sizeFromShape(attrs.shape));
    forEachTap(boxes, attrs, (at, pixel, weight) => {
      for (let c = 0; c < channels; c++) to[pixel * channels + c] += weight * from[at * channels + c];
    });
    return tf.tensor4d(to, attrs.shape);
  },
);

/** Calls `visit` for each pixel inside an image that a pixel of a crop sees; both count over all there are. */
function forEachTap(
  {boxes, boxIndices}: Boxes,
  {size: [cropHeight, cropWidth], method, shape: [images, height, width]}: CropResizeAttrs,
  visit: (at: number, pixel: number, weight: number) => void,
): void {
  const corners = boxes.dataSync<'float32'>();
  boxIndices.dataSync<'int32'>().forEach((image, box) => {
    if (!(image >= 0 && image < images)) {
      throw new RangeError(
        `cropAndResize: boxIndices[${box}] is ${image}, but there are ${images} images. Number them from 0.`,
      );
    }
    const [x1, y1, x2, y2] = corners.subarray(4 * box, 4 * box + 4);
    const columns = samples(x1, x2 - 1, cropWidth, width, method);
    samples(y1, y2 - 1, cropHeight, height, method).forEach((rowTaps, i) => {
      columns.forEach((columnTaps, j) => {
        const at = (box * cropHeight + i) * cropWidth + j;
        for (const [row, down] of rowTaps) {
          for (const [column, across] of columnTaps) {
            visit(at, (image * height + row) * width + column, down * across);
          }
        }
      });
    });
  });
}

/** A thousandth of a pixel beyond the outermost centre is rounding. */
const SLACK = 1e-3;

/** The pixels that each sample along one axis sees, with their shares; none outside the image. */
function samples(
  first: number,
  last: number,
  count: number,
  size: number,
  method: 'bilinear' | 'nearest',
): [pixel: number, share: number][][] {
  return Array.from({length: count}, (_, i) => {
    const sample = Math.fround(first + (count > 1 ? i / (count - 1) : 0.5) * (last - first));
    if (!(sample >= -SLACK && sample <= size - 1 + SLACK)) return [];
    const inside = Math.min(Math.max(sample, 0), size - 1);
    if (method === 'nearest') return [[Math.floor(inside + 0.5), 1]];
    const low = Math.floor(inside);
    return [
      [low, 1 - (inside - low)],
      [Math.min(low + 1, size - 1), inside - low],
    ];
  });
}
