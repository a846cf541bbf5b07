// Marsaglia & Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26 (3), 2000, section 2.
import type {Random} from '@foveal/core';

/** A number in [0, 1] from the symmetric beta distribution: even for alpha 1, near 0 or 1 for less. */
export function beta(alpha: number, random: Random): number {
  const [a, b] = [logGamma(alpha, random), logGamma(alpha, random)];
  return 1 / (1 + Math.exp(b - a));
}

/** The logarithm of a gamma-distributed number: for a small alpha, the number itself would often be 0. */
function logGamma(alpha: number, random: Random): number {
  if (alpha < 1) return logGamma(alpha + 1, random) + Math.log(1 - random.next()) / alpha;
  const d = alpha - 1 / 3;
  for (;;) {
    const normal = random.normal();
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) {
      return Math.log(d * v);
    }
  }
}
