// Fixed convolutions: Gonzalez & Woods, "Digital Image Processing", section 3.4 to 3.6; Sobel & Feldman, 1968.
import {conv2d, type PaddingMode, pad2d} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

/** A kernel by its rows, top to bottom. */
export type Kernel = readonly (readonly number[])[];

const scaled = (rows: Kernel, by: number): Kernel => rows.map(row => row.map(v => v * by));

/** The classic kernels. Those that sum to 1 give an image, those that sum to 0 a signed answer, 0 where all is flat. */
// biome-ignore format: as they are written down
export const kernels = {
  identity: [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
  boxBlur: scaled([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 1 / 9),
  gaussianBlur: scaled([[1, 4, 6, 4, 1], [4, 16, 24, 16, 4], [6, 24, 36, 24, 6], [4, 16, 24, 16, 4], [1, 4, 6, 4, 1]], 1 / 256),
  sharpen: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
  edge: [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
  emboss: [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
  sobelX: [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
  sobelY: [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
} as const satisfies Record<string, Kernel>;

/** A name in {@link kernels}. */
export type KernelName = keyof typeof kernels;

/**
 * Slides one kernel over each channel. What lies beyond the border decides what the first and last pixels become:
 * `zeros` darken them, `replicate` goes on with the border, `reflect` mirrors, `circular` takes the other side.
 * Differentiable in `image`.
 *
 * @param image - `[N, H, W, C]` float32.
 * @param kernel - A name, or rows of odd height and width.
 * @param options - `paddingMode`. @defaultValue `{paddingMode: 'replicate'}`
 * @returns Like `image`; the caller owns it.
 * @throws RangeError if the kernel has no middle, or the image is too small to be mirrored.
 */
export function applyKernel(
  image: tf.Tensor4D,
  kernel: KernelName | Kernel,
  {paddingMode = 'replicate'}: {paddingMode?: PaddingMode} = {},
): tf.Tensor4D {
  const rows: Kernel = typeof kernel === 'string' ? kernels[kernel] : kernel;
  const [height, width] = [rows.length, rows[0]?.length ?? 0];
  if (height % 2 === 0 || width % 2 === 0 || rows.some(row => row.length !== width)) {
    throw new RangeError(
      `applyKernel: a kernel needs an odd number of rows and columns, all as long, got ${height} rows of ` +
        `${[...new Set(rows.map(row => row.length))].join(' and ') || 0}.`,
    );
  }
  return tf.tidy(() => {
    const channels = image.shape[3];
    const filter = tf.tile(tf.tensor4d(rows.flat(), [height, width, 1, 1]), [1, 1, 1, channels]);
    const padded = pad2d(image, [(height - 1) / 2, (width - 1) / 2], paddingMode);
    return conv2d(padded, filter, null, {groups: channels});
  });
}
