import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {text} from './text.js';

/** How precision falls as more is found, for one category. */
export interface PrecisionRecallCurve {
  name: string;
  /** In [0, 1], rising; as long as `precision`. */
  recall: readonly number[];
  precision: readonly number[];
  /** Average precision in [0, 1]; null where there was nothing to find. */
  AP: number | null;
}

export interface PrecisionRecallOptions {
  /** @defaultValue 'Precision and recall' */
  title?: string;
}

const [left, top, side] = [70, 76, 460];
const keyLeft = left + side + 30;
const keyWidth = 330;
const dashes = ['', '8 4', '2 3', '10 3 2 3'];
/** Curves with a colour and an entry of their own: six colours in four kinds of line. */
const shownCurves = palette.series.length * dashes.length;

/**
 * Draws precision over recall, a line a category, as a PNG file. The legend goes from the best to the worst; beyond 24
 * categories the middle ones are faint and without an entry.
 *
 * @returns The bytes of the PNG.
 */
export function precisionRecall(
  curves: readonly PrecisionRecallCurve[],
  {title = 'Precision and recall'}: PrecisionRecallOptions = {},
): Buffer {
  const known = curves.filter(({AP}) => AP !== null).sort((a, b) => (b.AP ?? 0) - (a.AP ?? 0));
  const half = shownCurves / 2;
  const keyed = known.length <= shownCurves ? known : [...known.slice(0, half), ...known.slice(-half)];
  const faint = known.filter(curve => !keyed.includes(curve));
  const style = (i: number) => ({
    color: palette.series[i % palette.series.length],
    dash: dashes[Math.floor(i / palette.series.length) % dashes.length],
  });
  const mean = known.reduce((sum, {AP}) => sum + (AP ?? 0), 0) / known.length;
  const lines = keyed.length + 1 + Number(faint.length > 0);
  const height = Math.max(top + side + 66, top + 24 + lines * 24);
  const width = keyLeft + keyWidth;
  const key = (line: number) => top + 14 + line * 24;
  const entries = keyed.map((curve, i) => {
    const {color, dash} = style(i);
    const y = key(i + 1 + Number(faint.length > 0 && i >= half));
    return (
      `<path d="M${keyLeft} ${y - 5}h28" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}"/>` +
      text(curve.name, keyLeft + 36, y, {size: 14, width: keyWidth - 120}) +
      text(`${(100 * (curve.AP ?? 0)).toFixed(1)} %`, width - 24, y, {size: 14, anchor: 'end'})
    );
  });
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">` +
      text(title, 24, 36, {size: 19, bold: true, width: width - 48}) +
      frame() +
      faint.map(curve => line(curve, palette.rule, '', 1)).join('') +
      // The best is drawn last, on top.
      keyed
        .map((curve, i) => line(curve, style(i).color, style(i).dash, 2.5))
        .reverse()
        .join('') +
      text(
        known.length ? `mean AP ${(100 * mean).toFixed(1)} %` : 'there was nothing to find',
        keyLeft,
        key(0),
        {
          size: 14,
          bold: true,
        },
      ) +
      (faint.length
        ? text(`… and ${faint.length} between, in grey`, keyLeft + 36, key(half + 1), {
            size: 13,
            color: palette.quiet,
          })
        : '') +
      `${entries.join('')}</svg>`,
  );
}

function frame(): string {
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map(share => {
    const [x, y] = [left + share * side, top + (1 - share) * side];
    const label = `${Math.round(100 * share)} %`;
    return (
      `<path d="M${left} ${y}h${side}M${x} ${top}v${side}" stroke="${palette.rule}"/>` +
      text(label, left - 8, y + 5, {size: 13, anchor: 'end'}) +
      text(label, x, top + side + 20, {size: 13, anchor: 'middle'})
    );
  });
  return (
    ticks.join('') +
    text('recall', left + side / 2, top + side + 46, {size: 14, bold: true, anchor: 'middle'}) +
    text('precision', left, top - 14, {size: 14, bold: true, anchor: 'middle'})
  );
}

function line(
  {recall, precision}: PrecisionRecallCurve,
  color: string,
  dash: string,
  thickness: number,
): string {
  const last = recall.length - 1;
  // No more points than pixels: a category may have a hundred thousand detections.
  const step = Math.max(1, Math.floor(recall.length / (2 * side)));
  const points = recall.flatMap((r, i) => {
    if (i % step !== 0 && i !== last) return [];
    return [`${(left + r * side).toFixed(1)} ${(top + (1 - precision[i]) * side).toFixed(1)}`];
  });
  if (points.length === 0) return '';
  return (
    `<path d="M${points.join('L')}" fill="none" stroke="${color}" stroke-width="${thickness}" ` +
    `stroke-dasharray="${dash}" stroke-linejoin="round"/>`
  );
}
