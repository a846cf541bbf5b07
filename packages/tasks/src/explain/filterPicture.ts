import {filterSheet} from '../draw/filterSheet.js';
import type {ExplainedModel} from './explainedModel.js';
import {firstLayerFilters} from './firstLayerFilters.js';

/**
 * Draws the first layer of a model, by the numbers of its units or, of a linear classifier, by its categories.
 *
 * @returns The bytes of a PNG.
 * @throws RangeError if the first layer does not look at pixels.
 */
export async function filterPicture({
  name,
  network,
  preprocess,
  categories,
}: ExplainedModel): Promise<Buffer> {
  const filters = firstLayerFilters(network);
  if (!filters) throw new RangeError(`filters: the first layer of ${name} does not look at pixels.`);
  try {
    const [count, height, width] = filters.shape;
    const numbers = Array.from({length: count}, (_, i) => String(i));
    return await filterSheet(filters, {
      title: `What ${name} looks for in its first layer: ${count} of ${height} × ${width}, 0 is grey`,
      labels: name === 'linear' && categories.length === count ? categories : numbers,
      bgr: preprocess.color === 'bgr',
      cellSize: 96,
    });
  } finally {
    filters.dispose();
  }
}
