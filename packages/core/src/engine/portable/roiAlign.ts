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
  const shift = aligned ? 0.5 : 0;
  const minSize = aligned ? 0 : 1;

  for (let box = 0; box < boxes.shape[0]; box++) {
    const image = owners[box];
    if (!(image >= 0 && image < images)) {
      throw new RangeError(
        `roiAlign: boxIndices[${box}] is ${image}, but there are ${images} images. Number them from 0.`,
      );
    }
    const [x1, y1, x2, y2] = corners.subarray(4 * box, 4 * box + 4);
    const left = x1 * spatialScale - shift;
    const top = y1 * spatialScale - shift;
    const binWidth = Math.max((x2 - x1) * spatialScale, minSize) / binsWide;
    const binHeight = Math.max((y2 - y1) * spatialScale, minSize) / binsHigh;
    const down = samplingRatio || Math.ceil(binHeight);
    const across = samplingRatio || Math.ceil(binWidth);

    for (let bin = 0; bin < binsHigh * binsWide; bin++) {
      const binTop = top + Math.floor(bin / binsWide) * binHeight;
      const binLeft = left + (bin % binsWide) * binWidth;
      const at = box * binsHigh * binsWide + bin;
      for (let sample = 0; sample < down * across; sample++) {
        const y = binTop + ((Math.floor(sample / across) + 0.5) / down) * binHeight;
        const x = binLeft + (((sample % across) + 0.5) / across) * binWidth;
        visitCorners(x, y, (row, column, weight) =>
          visit(at, (image * height + row) * width + column, weight / (down * across)),
        );
      }
    }
  }

  /** The four pixels around a point and their bilinear weights; none for a point outside. */
  function visitCorners(x: number, y: number, corner: (row: number, column: number, weight: number) => void) {
    if (!(y >= -1 && y <= height && x >= -1 && x <= width)) return;
    y = Math.min(Math.max(y, 0), height - 1);
    x = Math.min(Math.max(x, 0), width - 1);
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const [below, right] = [Math.min(row + 1, height - 1), Math.min(column + 1, width - 1)];
    const [fy, fx] = [y - row, x - column];
    corner(row, column, (1 - fy) * (1 - fx));
    corner(row, right, (1 - fy) * fx);
    corner(below, column, fy * (1 - fx));
    corner(below, right, fy * fx);
  }
}
