import * as tf from '@tensorflow/tfjs-core';
import {blend, blendedColumn, pastedBox, pastedTaps} from '../../ops/pasteGeometry.js';
import {PasteMasks, type PasteMasksAttrs} from '../../ops/pasteMasks.js';
import {portableKernel} from './portableKernel.js';

export const pasteMasks = portableKernel<{masks: tf.Tensor3D; boxes: tf.Tensor2D}, PasteMasksAttrs>(
  PasteMasks,
  ({masks, boxes}, {height, width}) => {
    const [count, side] = masks.shape;
    const [values, corners] = [masks.dataSync<'float32'>(), boxes.dataSync<'float32'>()];
    const to = new Float32Array(count * height * width);
    for (let k = 0; k < count; k++) {
      const mask = values.subarray(k * side * side, (k + 1) * side * side);
      const box = pastedBox(corners.subarray(4 * k, 4 * k + 4), side);
      const rows = pastedTaps(box.top, box.bottom, side, height);
      for (const columnTap of pastedTaps(box.left, box.right, side, width)) {
        const column = blendedColumn(mask, side, columnTap);
        for (const {pixel, low, high, fraction} of rows) {
          to[(k * height + pixel) * width + columnTap.pixel] = blend(column[low], column[high], fraction);
        }
      }
    }
    return tf.tensor3d(to, [count, height, width]);
  },
);
