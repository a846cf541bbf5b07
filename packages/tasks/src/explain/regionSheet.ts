import {basename} from 'node:path';
import {cropImage, type Image} from '@foveal/data';
import {type Cell, contactSheet} from '../draw/contactSheet.js';
import type {TopRegion} from './topRegions.js';

export interface UnitRegions {
  channel: number;
  regions: readonly TopRegion[];
}

/**
 * Draws what excites units most: a row for each, the strongest first.
 *
 * @param seen - Of each image that a region is of, by its number.
 * @returns The bytes of a PNG.
 */
export function regionSheet(
  layer: string,
  units: readonly UnitRegions[],
  seen: ReadonlyMap<number, {file: string; image: Image}>,
): Promise<Buffer> {
  const columns = Math.max(...units.map(({regions}) => regions.length));
  const cells = units.flatMap(({channel, regions}) =>
    regions.map(({image, value, box}): Cell => {
      const source = seen.get(image);
      if (!source) throw new Error(`regionSheet: image ${image} is not among those given.`);
      const [left, top] = [Math.floor(box[0]), Math.floor(box[1])];
      const [width, height] = [Math.ceil(box[2]) - left, Math.ceil(box[3]) - top];
      return {
        image: cropImage(source.image, {left, top, width, height}),
        label: `map ${channel}`,
        note: `${Number(value.toPrecision(3))} · ${basename(source.file)}`,
      };
    }),
  );
  return contactSheet(cells, {
    title: `${layer}: the regions that excite its maps most`,
    columns,
    cellSize: 120,
  });
}
