/** A filter of odd length, its centre in the middle. */
type Kernel = Float64Array;

/** Samples of the normal density, adding up to 1. */
function gaussian(sigma: number): Kernel {
  const radius = Math.max(1, Math.ceil(4 * sigma));
  const kernel = Float64Array.from({length: 2 * radius + 1}, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map(value => value / sum);
}

/** Its derivative, scaled so that a ramp of slope 1 yields 1. */
function derivative(sigma: number): Kernel {
  const kernel = gaussian(sigma);
  const radius = (kernel.length - 1) / 2;
  const slope = kernel.map((value, i) => value * (i - radius));
  const unit = slope.reduce((sum, value, i) => sum + value * (i - radius), 0);
  return slope.map(value => value / unit);
}

/** Blurs a plane; beyond the border its outermost pixels go on. `sigma` 0 gives a copy. */
export function smooth(plane: Float32Array, width: number, height: number, sigma: number): Float32Array {
  if (sigma === 0) return plane.slice();
  const kernel = gaussian(sigma);
  return columns(rows(plane, width, height, kernel), width, height, kernel);
}

/** The slope of the blurred plane to the right (`x`) and downwards (`y`). */
export function gradient(
  plane: Float32Array,
  width: number,
  height: number,
  sigma: number,
): {x: Float32Array; y: Float32Array} {
  const [blur, slope] = [gaussian(sigma), derivative(sigma)];
  return {
    x: columns(rows(plane, width, height, slope), width, height, blur),
    y: columns(rows(plane, width, height, blur), width, height, slope),
  };
}

function rows(plane: Float32Array, width: number, height: number, kernel: Kernel): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const out = new Float32Array(plane.length);
  const padded = new Float64Array(width + 2 * radius);
  for (let y = 0; y < height; y++) {
    const row = plane.subarray(y * width, (y + 1) * width);
    padded.fill(row[0], 0, radius).set(row, radius);
    padded.fill(row[width - 1], radius + width);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k] * padded[x + k];
      out[y * width + x] = sum;
    }
  }
  return out;
}

/** Row by row, which is how memory lies. */
function columns(plane: Float32Array, width: number, height: number, kernel: Kernel): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const out = new Float32Array(plane.length);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < kernel.length; k++) {
      const from = Math.min(Math.max(y + k - radius, 0), height - 1) * width;
      const weight = kernel[k];
      for (let x = 0; x < width; x++) sums[x] += weight * plane[from + x];
    }
    out.set(sums, y * width);
  }
  return out;
}
