// The colour spaces of Uijlings et al., "Selective Search for Object Recognition", IJCV 2013, section 3.2.
import type {Image} from '@foveal/data';

/** A picture as planes of one size: a channel each, `[height · width]` float32 in [0, 255]. */
export interface Planes {
  channels: readonly Float32Array[];
  width: number;
  height: number;
}

export type ColorSpace = 'rgb' | 'hsv' | 'lab' | 'rgI' | 'hue' | 'intensity';

type Convert = (r: number, g: number, b: number, out: Float32Array) => void;

/** Each writes as many channels as it has, in [0, 255]. */
const spaces: Record<ColorSpace, {channels: number; convert: Convert}> = {
  rgb: {channels: 3, convert: (r, g, b, out) => out.set([r, g, b])},
  hsv: {
    channels: 3,
    convert(r, g, b, out) {
      const most = Math.max(r, g, b);
      out[0] = hue(r, g, b);
      out[1] = most === 0 ? 0 : (255 * (most - Math.min(r, g, b))) / most;
      out[2] = most;
    },
  },
  lab: {channels: 3, convert: lab},
  rgI: {
    channels: 3,
    convert(r, g, b, out) {
      const sum = r + g + b;
      out[0] = sum === 0 ? 85 : (255 * r) / sum;
      out[1] = sum === 0 ? 85 : (255 * g) / sum;
      out[2] = sum / 3;
    },
  },
  hue: {channels: 1, convert: (r, g, b, out) => out.fill(hue(r, g, b), 0, 1)},
  intensity: {channels: 1, convert: (r, g, b, out) => out.fill((r + g + b) / 3, 0, 1)},
};

/** An image in another colour space, every channel stretched to [0, 255]; grey counts as r = g = b. */
export function toColorSpace({data, width, height, channels}: Image, space: ColorSpace): Planes {
  const {channels: count, convert} = spaces[space];
  const planes = Array.from({length: count}, () => new Float32Array(width * height));
  const color = new Float32Array(3);
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let i = 0, from = 0; i < width * height; i++, from += channels) {
    convert(data[from], data[from + green], data[from + blue], color);
    for (let c = 0; c < count; c++) planes[c][i] = color[c];
  }
  return {channels: planes, width, height};
}

/** The angle around the grey axis, from red over green and blue; 0 for grey. */
function hue(r: number, g: number, b: number): number {
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  if (span === 0) return 0;
  if (most === r) return (255 / 6) * ((g - b) / span + (g < b ? 6 : 0));
  return (255 / 6) * (most === g ? (b - r) / span + 2 : (r - g) / span + 4);
}

/** sRGB's bytes as linear light. */
const linear = Float64Array.from({length: 256}, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** CIE L*a*b* of sRGB under D65: L stretched from 100 to 255, a and b moved by 128. */
function lab(r: number, g: number, b: number, out: Float32Array): void {
  const [lr, lg, lb] = [linear[r], linear[g], linear[b]];
  const x = lightness((0.4124564 * lr + 0.3575761 * lg + 0.1804375 * lb) / 0.95047);
  const y = lightness(0.2126729 * lr + 0.7151522 * lg + 0.072175 * lb);
  const z = lightness((0.0193339 * lr + 0.119192 * lg + 0.9503041 * lb) / 1.08883);
  out[0] = 2.55 * (116 * y - 16);
  out[1] = 500 * (x - y) + 128;
  out[2] = 200 * (y - z) + 128;
}

const lightness = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
