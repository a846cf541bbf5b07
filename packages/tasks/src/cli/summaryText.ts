import type {LayerSummary} from '../explain/modelSummary.js';
import type {NetworkSummary} from '../explain/networkSummary.js';
import {count, plural} from '../terminal/format.js';
import {table} from '../terminal/table.js';

/** The layers of a network as tables for people. */
export function summaryText(name: string, {perBox = [], ...image}: NetworkSummary): string {
  const run = [image, ...perBox]
    .flatMap(({layers}) => layers)
    .reduce((sum, layer) => sum + layer.parameters, 0);
  const rest = image.parameters - run;
  return [
    `${name} on ${image.inputShape.join(' × ')}`,
    '',
    layerTable(image, image.parameters),
    '',
    ...perBox.flatMap(part => [
      `for each box, on the ${part.inputShape.join(' × ')} that are pooled from it; what it sees, in cells of that`,
      '',
      layerTable(part),
      '',
    ]),
    ...(rest > 0 ? [`${count(rest)} of the parameters are of layers that run in training alone.`] : []),
    'sees: side in pixels of what a unit sees of the image, its receptive field; it may reach beyond the border.',
    'each: pixels from there to what its neighbour sees, the stride.',
    'A window of F pixels, padding P and stride S makes N pixels to (N − F + 2P)/S + 1, rounded down.',
    '',
  ].join('\n');
}

function layerTable(
  {layers, multiplyAdds}: Pick<NetworkSummary, 'layers' | 'multiplyAdds'>,
  parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0),
): string {
  const rows = layers.map(layer => {
    const {size, stride} = layer.field;
    return [
      layer.name,
      layer.kind,
      layer.output.join(' × '),
      layer.parameters ? count(layer.parameters) : '',
      layer.multiplyAdds ? count(layer.multiplyAdds) : '',
      sides(size),
      layer.output.length === 3 ? sides(stride) : '',
      [...layer.ends.map(end => `ends ${end}`), leftOut(layer)].filter(Boolean).join('; '),
    ];
  });
  const notes = rows.some(row => row.at(-1)) ? 'notes' : undefined;
  const total = ['in all', '', '', count(parameters), count(multiplyAdds), '', ''];
  return table(
    ['layer', 'kind', 'output', 'parameters', 'multiply-adds', 'sees', 'each', ...(notes ? [notes] : [])],
    [...rows.map(row => (notes ? row : row.slice(0, -1))), [...total, ...(notes ? [''] : [])]],
  ).trimEnd();
}

const sides = ([height, width]: readonly [number, number]) =>
  height === width ? tidy(height) : `${tidy(height)} × ${tidy(width)}`;
const tidy = (pixels: number) => String(Number(pixels.toFixed(2)));

const leftOut = ({left: [rows, columns]}: LayerSummary) => {
  const parts = [rows && plural(rows, 'row'), columns && plural(columns, 'column')].filter(Boolean);
  return parts.length ? `stride leaves out ${parts.join(', ')}` : '';
};
