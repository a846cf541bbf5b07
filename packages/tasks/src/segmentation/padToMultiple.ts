import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs a network whose sides have to be multiples of something on images of any size: rows and columns of zeros, which
 * is what the mean becomes, are added at the bottom and right, and cut off the result.
 *
 * @param f - Gives maps of the size of its images.
 * @param least - The smallest side. @defaultValue multiple
 */
export function padToMultiple(
  images: tf.Tensor4D,
  multiple: number,
  f: (images: tf.Tensor4D) => tf.Tensor4D,
  least: number = multiple,
): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const [down, across] = [height, width].map(
    side => Math.max(least, Math.ceil(side / multiple) * multiple) - side,
  );
  if (down === 0 && across === 0) return f(images);
  return tf.tidy(() => {
    const padded = tf.pad(images, [
      [0, 0],
      [0, down],
      [0, across],
      [0, 0],
    ]);
    const maps = f(padded);
    return tf.slice(maps, [0, 0, 0, 0], [batch, height, width, maps.shape[3]]);
  });
}
