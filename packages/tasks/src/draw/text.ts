import {palette} from './palette.js';
import {escapeXml} from './renderSvg.js';
import {shorten} from './shorten.js';

export interface TextStyle {
  size: number;
  bold?: boolean;
  color?: string;
  /** Pixels; longer text is cut in its middle. */
  width?: number;
  /** Which part of the text stands at `x`. @defaultValue 'start' */
  anchor?: 'start' | 'middle' | 'end';
}

/** A line of text in an SVG; `y` is its baseline. */
export const text = (
  content: string,
  x: number,
  y: number,
  {size, bold = false, color = palette.ink, width = Infinity, anchor = 'start'}: TextStyle,
) =>
  `<text x="${x}" y="${y}" font-size="${size}" fill="${color}"${bold ? ' font-weight="bold"' : ''}` +
  `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>` +
  `${escapeXml(shorten(content, width / (bold ? size * 1.12 : size)))}</text>`;

/** A probability in few characters, and never 100 % or 0 %: a softmax is not certain. */
export const probability = (score: number) =>
  `${score >= 0.995 ? '>99' : score < 0.005 ? '<1' : Math.round(100 * score)} %`;
