import * as tf from '@tensorflow/tfjs-core';
import {pca} from '../autoencoder/pca.js';
import {categoryColor} from './categoryColor.js';
import {loadEcharts} from './loadEcharts.js';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';

export interface EmbeddingChartOptions {
  title?: string;
  /** Pixels. @defaultValue 1000 */
  width?: number;
  /** Pixels. @defaultValue 760 */
  height?: number;
}

/** Shapes repeat what colours say. */
const symbols = ['circle', 'triangle', 'rect', 'diamond', 'arrow'];
/** More categories than this have no room in the legend; their points are grey. */
const mostCategories = 20;

/**
 * Draws codes as points: those of two numbers as they are, longer ones by their first two principal components. Each
 * category has a colour and a shape, and its name at the middle of its points.
 *
 * @param codes - One of the same length, of at least 2 numbers, for each image.
 * @param labels - The category of each; −1 where it is not known.
 * @returns The bytes of a PNG.
 * @throws RangeError if there are fewer than two codes, shorter ones, or as many labels as not codes.
 */
export async function embeddingChart(
  codes: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  categories: readonly string[],
  {title = 'Codes', width = 1000, height = 760}: EmbeddingChartOptions = {},
): Promise<Buffer> {
  const size = codes[0]?.length ?? 0;
  if (codes.length < 2 || size < 2) {
    throw new RangeError(
      `embeddingChart: expected at least two codes of two numbers or more, got ${codes.length} of ${size}.`,
    );
  }
  if (labels.length !== codes.length)
    throw new RangeError(`embeddingChart: ${codes.length} codes need as many labels, got ${labels.length}.`);
  const {points, axes} =
    size === 2 ? {points: codes, axes: ['1st number', '2nd number']} : await projected(codes, size);
  const groups = grouped(points, labels, categories);

  const echarts = await loadEcharts();
  const style = {fontFamily, fontSize: 14, color: palette.ink};
  const axis = (name: string, nameGap: number) => ({
    type: 'value' as const,
    scale: true,
    name,
    nameLocation: 'middle' as const,
    nameGap,
    nameTextStyle: style,
    axisLabel: {...style, fontSize: 13},
    axisLine: {onZero: false},
    splitLine: {lineStyle: {color: palette.rule}},
  });
  const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width, height});
  chart.setOption({
    animation: false,
    backgroundColor: palette.paper,
    title: {text: title, left: 20, top: 14, textStyle: {...style, fontSize: 19, fontWeight: 'bold'}},
    legend: {
      show: groups.length > 1,
      orient: 'vertical',
      right: 20,
      top: 60,
      itemWidth: 14,
      itemHeight: 14,
      textStyle: {...style, width: 130, overflow: 'truncate'},
    },
    grid: {left: 84, right: groups.length > 1 ? 180 : 40, top: 60, bottom: 72},
    xAxis: axis(axes[0], 36),
    yAxis: axis(axes[1], 54),
    series: [
      ...groups.map(({name, points, color, symbol}) => ({
        type: 'scatter',
        name,
        data: points,
        symbol,
        symbolSize: codes.length > 1000 ? 5 : 8,
        color,
        itemStyle: {color, opacity: 0.75},
      })),
      {
        type: 'scatter',
        data: groups.length > 1 ? groups.map(({name, points}) => ({name, value: middle(points)})) : [],
        symbolSize: 1,
        color: palette.ink,
        label: {
          show: true,
          position: 'inside',
          formatter: '{b}',
          ...style,
          fontSize: 18,
          fontWeight: 'bold',
          textBorderColor: palette.paper,
          textBorderWidth: 4,
        },
        z: 5,
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return renderSvg(svg);
}

interface Group {
  name: string;
  points: number[][];
  color: string;
  symbol: string;
}

function grouped(
  points: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  categories: readonly string[],
): Group[] {
  const known = categories.length <= mostCategories ? categories : [];
  const groups = known.map(
    (name, i): Group => ({
      name,
      points: [],
      color: categoryColor(i),
      symbol: symbols[i % symbols.length],
    }),
  );
  const rest: Group = {name: 'others', points: [], color: palette.quiet, symbol: 'circle'};
  for (const [i, point] of points.entries()) (groups[labels[i]] ?? rest).points.push([point[0], point[1]]);
  return [...groups, rest].filter(({points}) => points.length > 0);
}

/** The median of each coordinate: a few strays do not move it. */
const middle = (points: readonly number[][]) =>
  [0, 1].map(axis => points.map(point => point[axis]).sort((a, b) => a - b)[points.length >> 1]);

async function projected(codes: readonly ArrayLike<number>[], size: number) {
  const all = new Float32Array(codes.length * size);
  codes.forEach((code, i) => {
    all.set(Array.from(code), i * size);
  });
  const data = tf.tensor2d(all, [codes.length, size]);
  const components = await pca(data, 2);
  const plane = components.encode(data);
  try {
    const values = await plane.data();
    const total = components.variances.reduce((sum, one) => sum + one, 0);
    const share = (i: number) =>
      `${Math.round((100 * components.variances[i]) / (total || 1))} % of the variance`;
    return {
      points: codes.map((_, i) => [values[2 * i], values[2 * i + 1]]),
      axes: [`1st principal component, ${share(0)}`, `2nd principal component, ${share(1)}`],
    };
  } finally {
    tf.dispose([data, plane]);
    components.dispose();
  }
}
