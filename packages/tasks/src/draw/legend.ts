import {textWidth} from './shorten.js';
import {text} from './text.js';

/** An entry of a legend. */
export interface Legend {
  label: string;
  color: string;
}

const fontSize = 14;
const lineHeight = 22;
const swatch = 14;
const gap = 18;

/** Entries in lines as wide as there is room. @returns their SVG, and the pixels they are high. */
export function legend(
  entries: readonly Legend[],
  {x, y, width}: {x: number; y: number; width: number},
): {svg: string; height: number} {
  let [left, line] = [0, 0];
  const drawn = entries.map(({label, color}) => {
    const room = Math.min(width, swatch + 6 + textWidth(label) * fontSize);
    if (left > 0 && left + room > width) [left, line] = [0, line + 1];
    const [px, py] = [x + left, y + line * lineHeight];
    left += room + gap;
    return (
      `<rect x="${px}" y="${py + 2}" width="${swatch}" height="${swatch}" fill="${color}"/>` +
      text(label, px + swatch + 6, py + swatch, {size: fontSize, width: room - swatch - 5})
    );
  });
  return {svg: drawn.join(''), height: entries.length ? (line + 1) * lineHeight : 0};
}
