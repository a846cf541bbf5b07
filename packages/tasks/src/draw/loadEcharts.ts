import {textWidth} from './textWidth.js';

/** echarts with the parts that charts here are made of: 600 files, so only who draws a chart loads them. */
export async function loadEcharts(): Promise<typeof import('echarts/core')> {
  const [echarts, {LineChart, ScatterChart}, components, {SVGRenderer}] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  const {GridComponent, LegendComponent, TitleComponent} = components;
  echarts.use([LineChart, ScatterChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  // Without a canvas it guesses too little, and texts run together.
  echarts.setPlatformAPI({
    measureText: (text, font) => ({width: textWidth(text, Number.parseFloat(font ?? '') || 14)}),
  });
  return echarts;
}
