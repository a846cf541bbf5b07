import type {LayerSummary} from '../explain/modelSummary.js';
import type {registrySummary} from '../explain/registrySummary.js';
import {count, plural} from '../terminal/format.js';
import {table} from '../terminal/table.js';

/** The layers of a model as a table for people. */
export function summaryText(
  name: string,
  {inputShape, layers, parameters, multiplyAdds}: ReturnType<typeof registrySummary>,
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
  return [
    `${name} on ${inputShape.join(' × ')}`,
    '',
    table(
      ['layer', 'kind', 'output', 'parameters', 'multiply-adds', 'sees', 'each', ...(notes ? [notes] : [])],
      [...rows.map(row => (notes ? row : row.slice(0, -1))), [...total, ...(notes ? [''] : [])]],
    ).trimEnd(),
    '',
    'sees: side in pixels of what a unit sees of the image, its receptive field; it may reach beyond the border.',
    'each: pixels from there to what its neighbour sees, the stride.',
    'A window of F pixels, padding P and stride S makes N pixels to (N − F + 2P)/S + 1, rounded down.',
    '',
  ].join('\n');
}

const sides = ([height, width]: readonly [number, number]) =>
  height === width ? String(height) : `${height} × ${width}`;

const leftOut = ({left: [rows, columns]}: LayerSummary) => {
  const parts = [rows && plural(rows, 'row'), columns && plural(columns, 'column')].filter(Boolean);
  return parts.length ? `stride leaves out ${parts.join(', ')}` : '';
};
