// Viridis: Smith & van der Walt, SciPy 2015: even steps of lightness, readable with every kind of colour vision and in
// grey. Two-sided: Okabe & Ito's blue and vermilion, 2008, on both sides of white.
import {rgbOf} from './categoryColor.js';
import {palette} from './palette.js';

/** How values become colours: `high` from dark to bright, or `signed` with white at 0. */
export type HeatScale = 'high' | 'signed';

const stops: Record<HeatScale, readonly (readonly number[])[]> = {
  high: [
    '#440154',
    '#482878',
    '#3e4a89',
    '#31688e',
    '#26828e',
    '#1f9e89',
    '#35b779',
    '#6ece58',
    '#b5de2b',
    '#fde725',
  ].map(rgbOf),
  signed: [palette.right, palette.paper, palette.wrong].map(rgbOf),
};

/** Red, green and blue, 0 to 255, of a share of the scale, in [0, 1]; for `signed`, 0.5 is zero. */
export function heatColor(share: number, scale: HeatScale): number[] {
  const colors = stops[scale];
  const place = Math.min(Math.max(share, 0), 1) * (colors.length - 1);
  const at = Math.min(Math.floor(place), colors.length - 2);
  return colors[at].map((v, c) => Math.round(v + (colors[at + 1][c] - v) * (place - at)));
}
