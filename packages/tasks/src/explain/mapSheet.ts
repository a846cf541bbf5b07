import {type Cell, contactSheet} from '../draw/contactSheet.js';
import {heatImage} from '../draw/heatImage.js';
import {activationMaps} from './activationMaps.js';
import type {ExplainedImage, ExplainedModel} from './explainedModel.js';

/** More would be too small to tell apart. */
const mostMaps = 48;

/**
 * Draws the maps of a layer, each on its own scale from the least to the most of viridis: all, or the strongest 48 in
 * the order of their numbers.
 *
 * @param channel - Only this map. @defaultValue all
 * @returns The bytes of a PNG.
 * @throws RangeError if there is no such layer or map.
 */
export async function mapSheet(
  {network}: ExplainedModel,
  {input, seen}: ExplainedImage,
  layer: string,
  channel?: number,
): Promise<Buffer> {
  const maps = activationMaps(network, input, layer);
  const [count, height, width] = maps.shape;
  const all = (await maps.data()) as Float32Array;
  maps.dispose();
  if (channel !== undefined && channel >= count)
    throw new RangeError(`${layer} has maps 0 to ${count - 1}, got ${channel}.`);
  const strengths = Array.from({length: count}, (_, c) => {
    const values = all.subarray(c * height * width, (c + 1) * height * width);
    return {c, values, most: Math.max(...values), least: Math.min(...values)};
  });
  const chosen =
    channel === undefined
      ? [...strengths].sort((a, b) => b.most - a.most).slice(0, mostMaps)
      : [strengths[channel]];
  const cells = chosen
    .sort((a, b) => a.c - b.c)
    .map(({c, values, most, least}): Cell => {
      const shifted = values.map(value => value - least);
      const image = heatImage({values: shifted, width, height}, {scale: 'high', most: most - least});
      return {
        image,
        label: `map ${c}`,
        note: most > least ? `${brief(least)} to ${brief(most)}` : `all ${brief(most)}`,
      };
    });
  const which = chosen.length < count ? `the strongest ${chosen.length} of ${count} maps` : `${count} maps`;
  return contactSheet([{image: seen, label: 'what it sees'}, ...cells], {
    title: `${layer}: ${channel === undefined ? which : `map ${channel} of ${count}`}, ${width} × ${height}; dark is the least, yellow the most`,
    cellSize: 124,
  });
}

const brief = (value: number) => String(Number(value.toPrecision(2))).replace('-', '−');
