import {palette} from './palette.js';

/** Shares of white (above 0) or black (below) mixed into the palette's colours, one a round. */
const rounds = [0, -0.45, 0.45, -0.7, 0.7];

/** A colour for the nth category or object, `#rrggbb`: six hues, then darker and lighter ones; after thirty they repeat. */
export function categoryColor(index: number): string {
  const {series} = palette;
  const share = rounds[Math.floor(index / series.length) % rounds.length];
  const target = share < 0 ? 0 : 255;
  const mixed = rgbOf(series[index % series.length]).map(v => Math.round(v + (target - v) * Math.abs(share)));
  return `#${mixed.map(v => v.toString(16).padStart(2, '0')).join('')}`;
}

/** Red, green and blue of `#rrggbb`, 0 to 255. */
export const rgbOf = (color: string): number[] =>
  [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16));

/** Black or white, whichever can be read on a colour: by the luminance of WCAG 2, section 1.4.3. */
export function inkOn(color: string): string {
  const [r, g, b] = rgbOf(color).map(v => {
    const share = v / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? palette.ink : palette.paper;
}
