import * as echarts from 'echarts/core';

/** About how wide a text is in DejaVu Sans, in pixels. */
export const textWidth = (text: string, size: number) => text.length * 0.65 * size;

/** Tells echarts how wide DejaVu's letters are: without a canvas it guesses too little, and texts run together. */
export function tellLetterWidths(): void {
  echarts.setPlatformAPI({
    measureText: (text, font) => ({width: textWidth(text, Number.parseFloat(font ?? '') || 14)}),
  });
}
