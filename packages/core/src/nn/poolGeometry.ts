import {outputSize} from '../ops/conv2d.js';

/** Where the windows of a pooling lie along one axis. */
export interface PoolAxis {
  /** Number of windows. */
  size: number;
  /** Pixels added in front. */
  before: number;
  /** Pixels added behind, so that the last window ends exactly there; negative where pixels are left over. */
  after: number;
}

/**
 * PyTorch's rule: sizes are rounded down, or up with `ceilMode`, but a window must start in the image or in the
 * padding before it.
 *
 * @throws RangeError if no window fits.
 */
export function poolAxis(
  owner: string,
  input: number,
  {kernel, stride, padding, ceilMode}: {kernel: number; stride: number; padding: number; ceilMode: boolean},
): PoolAxis {
  let size = outputSize(input + (ceilMode ? stride - 1 : 0), kernel, 2 * padding, stride);
  if (ceilMode && (size - 1) * stride >= input + padding) size--;
  if (size < 1) {
    throw new RangeError(
      `${owner}: a window of ${kernel} does not fit into ${input} pixels and a padding of ${padding} on each side. ` +
        'Take a larger image, a smaller window or an adaptive pooling.',
    );
  }
  return {size, before: padding, after: (size - 1) * stride + kernel - input - padding};
}

/** @throws RangeError as PyTorch does: more padding would give windows that see no pixel. */
export function checkPoolPadding(owner: string, kernel: readonly number[], padding: readonly number[]): void {
  if (padding.some((p, axis) => p > kernel[axis] / 2)) {
    throw new RangeError(
      `${owner}: padding must be at most half of the window; got padding [${padding}] for windows [${kernel}].`,
    );
  }
}
