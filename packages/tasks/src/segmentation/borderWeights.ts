// Ronneberger et al., "U-Net", MICCAI 2015, arXiv:1505.04597, equation 2: weights that make a network learn the narrow
// background between touching objects.
import {connectedComponents} from './connectedComponents.js';

export interface BorderWeightOptions {
  /** The class whose connected regions are objects. */
  object: number;
  /** The weight between two objects that touch, beyond what a pixel counts anyway. @defaultValue 10 */
  w0?: number;
  /** How far it reaches, in pixels. @defaultValue 5 */
  sigma?: number;
}

/**
 * How much each pixel counts: `w_c + w0 · exp(−(d1 + d2)² / 2σ²)` outside of objects, where d1 and d2 are the distances
 * to the nearest two of them, and w_c alone inside. w_c balances the classes of the map: all have the same sum, and the
 * mean of w_c is 1.
 *
 * @param classMap - `[height · width]`.
 * @param size - `[height, width]`.
 * @returns `[height · width]` float32.
 */
export function borderWeights(
  classMap: ArrayLike<number>,
  size: readonly [height: number, width: number],
  {object, w0 = 10, sigma = 5}: BorderWeightOptions,
): Float32Array {
  const [height, width] = size;
  const weights = balance(classMap);
  const {labels, boxes} = connectedComponents(classMap, size, object);
  const reach = Math.ceil(4 * sigma); // beyond, the exponential is below 1e-3
  const first = new Float32Array(classMap.length).fill(Infinity);
  const second = new Float32Array(classMap.length).fill(Infinity);
  boxes.forEach(([left, top, right, bottom], k) => {
    const [x0, y0] = [Math.max(0, left - reach), Math.max(0, top - reach)];
    const [x1, y1] = [Math.min(width, right + reach), Math.min(height, bottom + reach)];
    const distances = distancesTo(labels, k + 1, width, [x0, y0, x1, y1]);
    for (let y = y0, at = 0; y < y1; y++) {
      for (let x = x0; x < x1; x++, at++) {
        const pixel = y * width + x;
        const distance = distances[at];
        if (distance < first[pixel]) {
          second[pixel] = first[pixel];
          first[pixel] = distance;
        } else if (distance < second[pixel]) second[pixel] = distance;
      }
    }
  });
  for (let i = 0; i < weights.length; i++) {
    if (labels[i]) continue;
    const sum = first[i] + second[i];
    weights[i] += w0 * Math.exp(-(sum * sum) / (2 * sigma * sigma));
  }
  return weights;
}

function balance(classMap: ArrayLike<number>): Float32Array {
  const counts = new Map<number, number>();
  for (let i = 0; i < classMap.length; i++) counts.set(classMap[i], (counts.get(classMap[i]) ?? 0) + 1);
  return Float32Array.from(classMap, category => classMap.length / (counts.size * counts.get(category)!));
}

/** Exact distances to one region within a box: Felzenszwalb & Huttenlocher, Theory of Computing 8, 2012. */
function distancesTo(
  labels: Int32Array,
  region: number,
  width: number,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): Float64Array {
  const [across, down] = [x1 - x0, y1 - y0];
  const squared = new Float64Array(across * down);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      squared[y * across + x] = labels[(y + y0) * width + x + x0] === region ? 0 : 1e12;
    }
  }
  const line = new Float64Array(Math.max(across, down));
  for (let x = 0; x < across; x++) {
    for (let y = 0; y < down; y++) line[y] = squared[y * across + x];
    const lower = lowerEnvelope(line, down);
    for (let y = 0; y < down; y++) squared[y * across + x] = lower[y];
  }
  for (let y = 0; y < down; y++) {
    const row = squared.subarray(y * across, (y + 1) * across);
    row.set(lowerEnvelope(row, across));
  }
  return squared.map(Math.sqrt);
}

/** `min over j of f[j] + (i − j)²`. */
function lowerEnvelope(f: Float64Array, length: number): Float64Array {
  const places = new Int32Array(length);
  const bounds = new Float64Array(length + 1);
  let last = 0;
  [bounds[0], bounds[1]] = [-Infinity, Infinity];
  for (let i = 1; i < length; i++) {
    const meeting = () => (f[i] + i * i - f[places[last]] - places[last] ** 2) / (2 * (i - places[last]));
    let at = meeting();
    while (at <= bounds[last]) {
      last--;
      at = meeting();
    }
    places[++last] = i;
    [bounds[last], bounds[last + 1]] = [at, Infinity];
  }
  const out = new Float64Array(length);
  for (let i = 0, k = 0; i < length; i++) {
    while (bounds[k + 1] < i) k++;
    out[i] = f[places[k]] + (i - places[k]) ** 2;
  }
  return out;
}
