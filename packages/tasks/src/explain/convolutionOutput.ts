// Output size and parameters of a convolution: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning",
// 2016, arXiv:1603.07285, section 2.4, relationship 5.

export interface ConvolutionShape {
  /** `[height, width, depth]` of what goes in. */
  input: readonly [number, number, number];
  /** Filters, and so the depth of what comes out. */
  filters: number;
  /** Pixels of a filter's side, F. */
  kernelSize: number;
  /** Pixels between two windows, S. @defaultValue 1 */
  stride?: number;
  /** Pixels added on each side, P. @defaultValue 0 */
  padding?: number;
}

/**
 * The size (N − F + 2P)/S + 1 of what a convolution gives, and its F·F·D·K + K parameters. Unlike a layer, which
 * leaves the last pixels out, it refuses a stride that does not fit.
 *
 * @throws RangeError that says what would fit.
 */
export function convolutionOutput({input, filters, kernelSize, stride = 1, padding = 0}: ConvolutionShape): {
  output: [number, number, number];
  parameters: number;
} {
  const [height, width, depth] = input;
  const side = (size: number) => fittedSize(size, {kernelSize, stride, padding});
  return {
    output: [side(height), side(width), filters],
    parameters: kernelSize * kernelSize * depth * filters + filters,
  };
}

interface Window {
  kernelSize: number;
  stride: number;
  padding: number;
}

function fittedSize(size: number, window: Window): number {
  const {kernelSize, stride, padding} = window;
  const steps = (size - kernelSize + 2 * padding) / stride;
  const formula = `(${size} − ${kernelSize} + 2 · ${padding}) / ${stride} + 1 = ${Number((steps + 1).toFixed(2))}`;
  if (steps < 0) {
    throw new RangeError(
      `a window of ${kernelSize} is larger than ${size} pixels with ${padding} added on each side: ${formula}. ` +
        'Pad more, or take a smaller window.',
    );
  }
  if (Number.isInteger(steps)) return steps + 1;
  const left = size - kernelSize + 2 * padding - Math.floor(steps) * stride;
  throw new RangeError(
    `a stride of ${stride} does not fit: ${formula} is no whole number; after the ` +
      `${ordinal(Math.floor(steps) + 1)} window ${left} of ${size + 2 * padding} pixels are left. ` +
      `It fits with ${remedies(size, window).join(', ')}. Layers leave those pixels out.`,
  );
}

/** Changes of one number each, after which the stride fits. */
function remedies(size: number, {kernelSize, stride, padding}: Window): string[] {
  const fits = (n: number, f: number, s: number, p: number) =>
    f >= 1 && n - f + 2 * p >= 0 && (n - f + 2 * p) % s === 0;
  const near = [...Array(stride + 1).keys()].slice(1).flatMap(by => [by, -by]);
  const found = (name: string, start: number, check: (value: number) => boolean) => {
    const by = near.find(step => start + step >= 0 && check(start + step));
    return by === undefined ? [] : [`${name} ${start + by}`];
  };
  return [
    ...found('padding', padding, p => fits(size, kernelSize, stride, p)),
    ...found('a window of', kernelSize, f => fits(size, f, stride, padding)),
    ...found('a stride of', stride, s => s > 0 && fits(size, kernelSize, s, padding)),
    ...found('an image of', size, n => fits(n, kernelSize, stride, padding)),
  ];
}

const ordinal = (n: number) =>
  `${n}${n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
