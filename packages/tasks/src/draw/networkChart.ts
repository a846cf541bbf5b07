// Networks by accuracy and cost, as Canziani et al. draw them: "An Analysis of Deep Neural Network Models for Practical
// Applications", 2016, arXiv:1605.07678, figure 2.
import {loadEcharts} from './loadEcharts.js';
import {palette} from './palette.js';
import {fontFamily, renderSvg} from './renderSvg.js';

/** A network with its published accuracy. */
export interface NetworkPoint {
  name: string;
  /** For one image. */
  multiplyAdds: number;
  parameters: number;
  /** Percent of first guesses that are right. */
  top1: number;
}

/**
 * Draws accuracy against multiply-adds; the area of a disc is the number of parameters.
 *
 * @returns The bytes of a PNG, 1100 × 760.
 * @throws RangeError if there is no network.
 */
export async function networkChart(networks: readonly NetworkPoint[], title: string): Promise<Buffer> {
  if (networks.length === 0) throw new RangeError('networkChart: expected at least one network, got none.');
  const echarts = await loadEcharts();
  const most = Math.max(...networks.map(({parameters}) => parameters));
  const text = {fontFamily, fontSize: 14, color: palette.ink};
  const axis = {
    nameLocation: 'middle',
    nameTextStyle: text,
    axisLabel: {...text, fontSize: 13},
    splitLine: {lineStyle: {color: palette.rule}},
  } as const;
  const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width: 1100, height: 760});
  chart.setOption({
    animation: false,
    backgroundColor: palette.paper,
    title: {
      text: title,
      subtext: `area of a disc: parameters; the largest has ${Math.round(most / 1e6)} million`,
      left: 20,
      top: 14,
      textStyle: {...text, fontSize: 19, fontWeight: 'bold'},
      subtextStyle: {...text, color: palette.quiet},
    },
    grid: {left: 84, right: 60, top: 96, bottom: 76},
    xAxis: {...axis, type: 'log', name: 'billions of multiply-adds an image', nameGap: 40, min: 0.2, max: 40},
    yAxis: {...axis, type: 'value', name: 'top-1 accuracy on ImageNet, %', nameGap: 52, scale: true},
    series: [
      {
        type: 'scatter',
        data: networks.map(({name, multiplyAdds, parameters, top1}) => ({
          name,
          value: [multiplyAdds / 1e9, top1],
          symbolSize: 52 * Math.sqrt(parameters / most),
          label: {position: hasRightNeighbour(networks, multiplyAdds, top1) ? 'left' : 'right'},
        })),
        itemStyle: {color: `${palette.series[4]}66`, borderColor: palette.right, borderWidth: 1.5},
        label: {show: true, formatter: '{b}', ...text, fontSize: 13},
        z: 3,
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return renderSvg(svg);
}

/** Whether the place of a name on the right of a disc is taken by another network. */
function hasRightNeighbour(networks: readonly NetworkPoint[], multiplyAdds: number, top1: number): boolean {
  return networks.some(other => {
    const right = Math.log10(other.multiplyAdds / multiplyAdds);
    return right > 0 && right < 0.25 && Math.abs(other.top1 - top1) < 1.2;
  });
}
