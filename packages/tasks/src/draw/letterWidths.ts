import * as echarts from 'echarts/core';

/** Tells echarts how wide DejaVu's letters are: without a canvas it guesses too little, and texts run together. */
export function tellLetterWidths(): void {
  echarts.setPlatformAPI({
    measureText: (text, font) => ({width: text.length * 0.65 * (Number.parseFloat(font ?? '') || 14)}),
  });
}
