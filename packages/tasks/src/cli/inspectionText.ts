import type {Inspection, Spread} from '@foveal/data';
import {count, plural} from '../terminal/format.js';
import {table} from '../terminal/table.js';

/** What is in a dataset, for people; its problems are told elsewhere. */
export function inspectionText(title: string, found: Inspection): string {
  const {images, objects, categories, objectAreas: areas} = found;
  const hasPixels = categories.some(({pixels}) => pixels > 0);
  // Of a thousand categories, those that are not there would hide those that are.
  const listed = categories.length > 40 ? categories.filter(({images: own}) => own > 0) : categories;
  const spreads: [string, Spread | null][] = [
    ['image width', found.width],
    ['image height', found.height],
    ['object size', found.objectSize],
    ['objects an image', found.objectsPerImage],
  ];
  const sizes = spreads.flatMap(([name, spread]) =>
    spread ? [[name, ...[spread.min, spread.median, spread.max].map(short)]] : [],
  );
  return [
    `${title}: ${count(images.usable)} of ${plural(images.total, 'image')} can be used` +
      (found.objectsPerImage
        ? `, with ${plural(objects, 'object')}; ${count(found.withoutObjects)} without any`
        : ''),
    ...(listed.length
      ? [
          table(
            ['category', 'images', hasPixels ? 'pixels' : objects ? 'objects' : 'labels'],
            listed.map(one => [one.name, count(one.images), count(hasPixels ? one.pixels : one.count)]),
          ),
        ]
      : []),
    ...(listed.length < categories.length
      ? [`${count(categories.length - listed.length)} more categories without any\n`]
      : []),
    ...(sizes.length ? [table(['pixels', 'least', 'median', 'most'], sizes)] : []),
    ...(objects
      ? [
          `objects by COCO's areas: ${count(areas.small)} small, ${count(areas.medium)} medium, ` +
            `${count(areas.large)} large\n`,
        ]
      : []),
  ].join('\n');
}

const short = (value: number) => count(Math.round(value * 10) / 10);
