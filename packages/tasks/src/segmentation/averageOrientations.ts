// Averaging over turned images: Ronneberger et al., "U-Net", MICCAI 2015, arXiv:1505.04597, table 1.
import * as tf from '@tensorflow/tfjs-core';

/** 1: as it is; 2: mirrored, too; 4: both ways, and both at once; 8: all these transposed, too. */
export type Orientations = 1 | 2 | 4 | 8;

/**
 * What a network says of an image however it lies, brought back and averaged: what it learnt of one side, it may have
 * missed of another.
 *
 * @param images - `[N, H, W, C]`.
 * @param scores - Gives `[N, H, W, classes]` for images of any size.
 * @returns `[N, H, W, classes]`, the mean.
 */
export function averageOrientations(
  images: tf.Tensor4D,
  orientations: Orientations,
  scores: (images: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  if (orientations === 1) return scores(images);
  return tf.tidy(() => {
    let sum: tf.Tensor4D | undefined;
    for (let o = 0; o < orientations; o++) {
      const added = tf.tidy(() => {
        const seen = restore(scores(orient(images, o)), o);
        return sum ? tf.add(sum, seen) : seen;
      });
      sum?.dispose();
      sum = added as tf.Tensor4D;
    }
    return tf.div(sum as tf.Tensor4D, orientations) as tf.Tensor4D;
  });
}

/** Bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps rows and columns. */
const orient = (x: tf.Tensor4D, o: number) => transposed(mirrored(x, o), o);
const restore = (x: tf.Tensor4D, o: number) => mirrored(transposed(x, o), o);

function mirrored(x: tf.Tensor4D, o: number): tf.Tensor4D {
  const axes = [...(o & 2 ? [1] : []), ...(o & 1 ? [2] : [])];
  return axes.length > 0 ? tf.reverse(x, axes) : x;
}

const transposed = (x: tf.Tensor4D, o: number): tf.Tensor4D => (o & 4 ? tf.transpose(x, [0, 2, 1, 3]) : x);
