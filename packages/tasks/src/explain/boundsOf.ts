import type {Image, Region} from '@foveal/data';

/** The smallest region outside of which all is 0. @param values - `[height, width, channels]`, not all of them 0. */
export function boundsOf(values: Float32Array, {width, height, channels}: Omit<Image, 'data'>): Region {
  let [left, top, right, bottom] = [width, height, 0, 0];
  values.forEach((value, i) => {
    if (value === 0) return;
    const pixel = Math.floor(i / channels);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  return {left, top, width: right - left, height: bottom - top};
}
