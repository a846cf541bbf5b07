import {loadEcharts} from './loadEcharts.js';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';
import {textWidth} from './textWidth.js';

/** One line of a panel. */
export interface Series {
  name: string;
  /** `[x, y]`; points that are not finite are left out. */
  points: readonly (readonly [number, number])[];
  /** `line`, a `faint` line behind the others, or one with a mark at each point. @defaultValue 'line' */
  style?: 'line' | 'faint' | 'marked';
  /** Which of `palette.series`: what means the same in two panels should look the same. @defaultValue its place */
  color?: number;
}

/** One diagram; panels stand one above the other and share the x axis. */
export interface Panel {
  title: string;
  series: readonly Series[];
  /** Writes y as a percentage; the values themselves are fractions. @defaultValue false */
  percent?: boolean;
}

export interface CurveOptions {
  title: string;
  /** What x counts, e.g. `'epoch'`. */
  xName: string;
  panels: readonly Panel[];
  /** Pixels. @defaultValue 960 */
  width?: number;
  /** Pixels of each panel. @defaultValue 300 */
  panelHeight?: number;
}

const top = 64;
const gap = 84;
const bottom = 64;
const [left, right] = [20, 28];
const legendLine = 22;

/**
 * Draws one or more line diagrams as a PNG file.
 *
 * @returns The bytes of the PNG, `width` wide.
 * @throws RangeError if there is no panel.
 */
export async function curve({
  title,
  xName,
  panels,
  width = 960,
  panelHeight = 300,
}: CurveOptions): Promise<Buffer> {
  if (panels.length === 0) throw new RangeError('curve: expected at least one panel, got none.');
  const echarts = await loadEcharts();

  const legendLines = panels.map(panel => linesBelow(panel, width - left - right));
  const added = (until: number) =>
    legendLine * legendLines.slice(0, until).reduce((sum, lines) => sum + lines, 0);
  const height =
    top + panels.length * panelHeight + (panels.length - 1) * gap + bottom + added(panels.length);
  const panelTop = (index: number) => top + index * (panelHeight + gap) + 30 + added(index + 1);
  const titleTop = (index: number) => panelTop(index) - 34 - legendLine * legendLines[index];
  const xs = panels.flatMap(panel => panel.series.flatMap(series => finite(series).map(([x]) => x)));
  const logarithmic = panels.map(panel => !panel.percent && spansDecades(panel));

  const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width, height});
  chart.setOption({
    animation: false,
    backgroundColor: palette.paper,
    textStyle: {fontFamily, color: palette.ink, fontSize: 14},
    title: [
      {
        text: title,
        left,
        top: 14,
        textStyle: {fontFamily, fontSize: 19, fontWeight: 'bold', color: palette.ink},
      },
      ...panels.map((panel, index) => ({
        text: panel.title,
        left,
        top: titleTop(index),
        textStyle: {fontFamily, fontSize: 15, fontWeight: 'bold', color: palette.quiet},
      })),
    ],
    legend: panels.map((panel, index) => ({
      data: panel.series.map(({name, style}) => ({
        name: key(index, name),
        ...(style !== 'marked' && {icon: 'path://M0 0h24v3h-24z'}),
        itemStyle: {opacity: style === 'faint' ? 0.4 : 1},
      })),
      itemWidth: 24,
      formatter: (name: string) => name.slice(name.indexOf(':') + 1),
      ...(legendLines[index] > 0 && {left}),
      right,
      top: legendLines[index] > 0 ? titleTop(index) + legendLine : titleTop(index),
      textStyle: {fontFamily, fontSize: 14, color: palette.ink},
    })),
    grid: panels.map((_, index) => ({left: 76, right: 32, top: panelTop(index), height: panelHeight - 30})),
    xAxis: panels.map((_, index) => ({
      gridIndex: index,
      type: 'value',
      name: index === panels.length - 1 ? xName : '',
      nameLocation: 'middle',
      nameGap: 34,
      nameTextStyle: {fontFamily, fontSize: 14, color: palette.ink},
      min: Math.min(0, ...xs),
      max: Math.max(...xs, Number.MIN_VALUE),
      // The last step of an epoch is seldom a round place on the axis.
      axisLabel: {
        fontFamily,
        fontSize: 13,
        color: palette.ink,
        hideOverlap: true,
        showMaxLabel: Number.isInteger(Math.max(...xs)),
        formatter: tick,
      },
      axisLine: {lineStyle: {color: palette.quiet}},
      splitLine: {show: false},
    })),
    yAxis: panels.map((panel, index) => ({
      gridIndex: index,
      type: logarithmic[index] ? 'log' : 'value',
      ...yRange(panel, logarithmic[index]),
      axisLabel: {
        fontFamily,
        fontSize: 13,
        color: palette.ink,
        formatter: label(panel),
        showMinLabel: !logarithmic[index],
        showMaxLabel: !logarithmic[index],
      },
      splitLine: {lineStyle: {color: palette.rule}},
    })),
    series: panels.flatMap((panel, index) => panel.series.map((_, order) => line(panel, index, order))),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return renderSvg(svg);
}

/** Lines that a legend takes below the title of its panel; 0 if it fits beside. */
function linesBelow({title, series}: Panel, width: number): number {
  const widths = series.map(({name}) => 24 + 5 + textWidth(name, 14) + 10);
  if (textWidth(title, 15) + 30 + widths.reduce((a, b) => a + b, 0) <= width) return 0;
  let [lines, used] = [1, 0];
  for (const item of widths) {
    if (used > 0 && used + item > width) [lines, used] = [lines + 1, 0];
    used += item;
  }
  return lines;
}

const key = (panel: number, name: string) => `${panel}:${name}`;
const tick = (value: number) => String(Number(value.toPrecision(4)));
const finite = ({points}: Series) => points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));

const label = ({percent = false}: Panel) => (percent ? (y: number) => `${tick(100 * y)} %` : tick);
const heights = ({series}: Panel) => series.flatMap(one => finite(one).map(([, y]) => y));
const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);

// A loss that falls a hundredfold shows its second half as a flat line on a linear axis.
function spansDecades(panel: Panel): boolean {
  const ys = heights(panel);
  return least(ys) > 0 && most(ys) / least(ys) > 30;
}

// Close to the data, never past 100 %, and on round numbers: echarts alone goes to 160 % for a single point.
function yRange(panel: Panel, logarithmic: boolean) {
  const ys = heights(panel);
  if (ys.length === 0) return {min: 0, max: 1};
  if (logarithmic) return {min: least(ys) * 0.8, max: most(ys) * 1.25};
  const span = Math.max(most(ys) - least(ys), panel.percent ? 0.02 : 1e-6 + Math.abs(most(ys)) * 0.1);
  const magnitude = 10 ** Math.floor(Math.log10(span / 4));
  const interval = magnitude * ([1, 2, 5].find(step => step * magnitude * 5 >= span) ?? 10);
  const min = Math.max(
    Math.floor((least(ys) - span * 0.08) / interval) * interval,
    least(ys) < 0 ? -Infinity : 0,
  );
  const max = Math.min(
    Math.ceil((most(ys) + span * 0.08) / interval) * interval,
    panel.percent ? 1 : Infinity,
  );
  return {min, max, interval};
}

// Lines that end close to each other are told apart: the higher one is labelled above, the others below.
function labelPlace(panel: Panel, order: number): 'top' | 'bottom' {
  const usual = panel.percent ? 'bottom' : 'top';
  const scale = !panel.percent && spansDecades(panel) ? Math.log : (y: number) => y;
  const ys = heights(panel).map(scale);
  const ends = panel.series.map(series => {
    const end = series.style === 'marked' ? finite(series).at(-1)?.[1] : undefined;
    return end === undefined ? undefined : scale(end);
  });
  const end = ends[order];
  const close = (most(ys) - least(ys)) / 10;
  const near = ends.filter(
    other => other !== undefined && end !== undefined && Math.abs(other - end) < close,
  );
  if (end === undefined || near.length < 2) return usual;
  return ends.indexOf(most(near as number[])) === order ? 'top' : 'bottom';
}

function line(panel: Panel, index: number, order: number) {
  const {name, style = 'line', color: place = order} = panel.series[order];
  const color = palette.series[place % palette.series.length];
  const points = finite(panel.series[order]);
  return {
    type: 'line',
    name: key(index, name),
    xAxisIndex: index,
    yAxisIndex: index,
    data: points.map((point, i) => ({
      value: [...point],
      label: {
        show: style === 'marked' && i === points.length - 1,
        position: labelPlace(panel, order),
        distance: 8,
        formatter: label(panel)(point[1]),
        fontFamily,
        fontSize: 13,
        fontWeight: 'bold',
        color,
      },
    })),
    color,
    symbol: style === 'marked' ? 'circle' : 'none',
    symbolSize: 9,
    lineStyle: {color, width: style === 'faint' ? 1 : 2.5, opacity: style === 'faint' ? 0.4 : 1},
    z: style === 'faint' ? 1 : 2,
  };
}
