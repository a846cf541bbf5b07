import * as tf from '@tensorflow/tfjs-core';
import {
  MaxPoolSwitches,
  type MaxPoolSwitchesAttrs,
  MaxPoolSwitchesGrad,
  MaxUnpool,
  type MaxUnpoolAttrs,
  MaxUnpoolGrad,
} from '../../ops/maxUnpool.js';
import {portableKernel} from './portableKernel.js';

type Shape4D = [number, number, number, number];

export const maxPoolSwitches = portableKernel<{x: tf.Tensor4D}, MaxPoolSwitchesAttrs>(
  MaxPoolSwitches,
  ({x}, {kernelSize, strides, padding, outputSize: [rows, columns]}) => {
    const [batch, height, width, channels] = x.shape;
    const shape: Shape4D = [batch, rows, columns, channels];
    const from = x.dataSync();
    const values = new Float32Array(tf.util.sizeFromShape(shape)).fill(-Infinity);
    const indices = new Int32Array(values.length);
    const window = (at: number, axis: 0 | 1) => {
      const first = at * strides[axis] - padding[axis];
      return [Math.max(first, 0), Math.min(first + kernelSize[axis], axis ? width : height)];
    };
    let at = 0;
    for (let image = 0; image < batch; image++) {
      for (let row = 0; row < rows; row++) {
        const [top, bottom] = window(row, 0);
        for (let column = 0; column < columns; column++, at += channels) {
          const [left, right] = window(column, 1);
          for (let c = 0; c < channels; c++) indices[at + c] = top * width + left;
          for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) {
              const pixel = ((image * height + y) * width + x) * channels;
              for (let c = 0; c < channels; c++) {
                const value = from[pixel + c];
                // As PyTorch: no number beats every number.
                if (!(value > values[at + c] || Number.isNaN(value))) continue;
                values[at + c] = value;
                indices[at + c] = y * width + x;
              }
            }
          }
        }
      }
    }
    return [tf.tensor4d(values, shape), tf.tensor4d(indices, shape, 'int32')];
  },
);

/** Windows overlap, so gradients add up. */
export const maxPoolSwitchesGrad = portableKernel<Pooled, MaxPoolSwitchesAttrs>(
  MaxPoolSwitchesGrad,
  ({dy, indices}, {inputShape}) => {
    const from = dy.dataSync();
    const to = new Float32Array(tf.util.sizeFromShape(inputShape));
    forEachSwitch(indices, inputShape, (small, large) => {
      to[large] += from[small];
    });
    return tf.tensor4d(to, inputShape);
  },
);

export const maxUnpool = portableKernel<{values: tf.Tensor4D; indices: tf.Tensor4D}, MaxUnpoolAttrs>(
  MaxUnpool,
  ({values, indices}, {size}) => {
    const shape: Shape4D = [values.shape[0], ...size, values.shape[3]];
    const from = values.dataSync();
    const to = new Float32Array(tf.util.sizeFromShape(shape));
    forEachSwitch(indices, shape, (small, large) => {
      to[large] = from[small];
    });
    return tf.tensor4d(to, shape);
  },
);

export const maxUnpoolGrad = portableKernel<Pooled, object>(MaxUnpoolGrad, ({dy, indices}) => {
  const from = dy.dataSync();
  const to = new Float32Array(indices.size);
  forEachSwitch(indices, dy.shape, (small, large) => {
    to[small] = from[large];
  });
  return tf.tensor4d(to, indices.shape);
});

type Pooled = {dy: tf.Tensor4D; indices: tf.Tensor4D};

/**
 * Calls `visit` with the place of each index and the place it points to.
 *
 * @throws RangeError if an index is beyond the large maps.
 */
function forEachSwitch(
  indices: tf.Tensor4D,
  [, height, width, channels]: Shape4D,
  visit: (small: number, large: number) => void,
): void {
  const places = indices.dataSync();
  const perImage = indices.shape[1] * indices.shape[2] * channels;
  for (let small = 0; small < places.length; small++) {
    const place = places[small];
    if (!(place >= 0 && place < height * width)) {
      throw new RangeError(
        `maxUnpool: index ${place} is beyond an output of ${height} × ${width} pixels. ` +
          'Take the size of the maps that were pooled.',
      );
    }
    const image = Math.floor(small / perImage);
    visit(small, (image * height * width + place) * channels + (small % channels));
  }
}
