import type {Rle} from '@foveal/core';
import {checkSample} from '../checkSample.js';
import {checkIndex, type Dataset} from '../dataset.js';
import {DatasetError} from '../datasetError.js';
import type {DecodeOptions} from '../decodeImage.js';
import {decodeHere} from '../decoder.js';
import type {Image} from '../image.js';
import type {Sample} from '../sample.js';
import {type Box, boxFault, clipBox} from './boxRule.js';
import {limitObjects, type ObjectLimit} from './objectLimit.js';
import {type Problem, problemText} from './problems.js';

/** A labelled object, before its image is decoded. */
export interface ObjectRecord {
  label: number;
  /** Where its annotation stands, for messages: `line 3`, `annotation 17`. */
  place: string;
  box: Box;
  crowd?: boolean;
  difficult?: boolean;
  /** Draws the mask at the image's size. */
  mask?: (height: number, width: number) => Rle;
}

/** An image with its objects, before it is decoded. */
export interface ImageRecord {
  /** The image. */
  file: string;
  /** The file with its annotations. */
  source: string;
  /** Pixels, if the annotations tell. */
  size?: readonly [width: number, height: number];
  /** Whether boxes are in pixels, or in shares of the image's width and height. @defaultValue 'pixels' */
  unit?: 'pixels' | 'image';
  objects: readonly ObjectRecord[];
}

/** Images with labelled objects. The annotations are in memory, the images on disk. */
export interface AnnotatedDataset extends Dataset {
  /** What `fix` changed or left out. */
  readonly repairs: readonly Problem[];
  /** What is known about an image without decoding it. */
  record(index: number): ImageRecord;
}

export interface AnnotatedOptions extends DecodeOptions, ObjectLimit {
  categories: readonly string[];
  /** Whether every object has a mask. */
  masks: boolean;
  /** Clip and leave out boxes that turn out to be wrong when the image's size is known. */
  fix: boolean;
  repairs: readonly Problem[];
  /** Receives what is told of capped images, instead of a warning. */
  collect?: Problem[];
}

/** Makes samples of records: keeps `maxObjects` of each, decodes, compares sizes, and checks every invariant. */
export function annotatedDataset(
  all: readonly ImageRecord[],
  {categories, masks, fix, repairs, collect, maxObjects, ...decoding}: AnnotatedOptions,
): AnnotatedDataset {
  const {records, capped} = limitObjects(all, maxObjects);
  if (collect) collect.push(...capped);
  else if (capped.length > 0) {
    const others = capped.length > 1 ? ` ${capped.length - 1} other images have too many, too.` : '';
    process.emitWarning(`${problemText(capped[0])}${others}`);
  }
  const record = (index: number) => {
    checkIndex(index, records.length);
    return records[index];
  };
  return {
    length: records.length,
    categories,
    repairs: [...repairs, ...capped],
    record,
    sizeOf: index => record(index).size,
    async get(index, decoder = decodeHere) {
      const found = record(index);
      const sample = toSample(found, await decoder.whole(found.file, decoding), {masks, fix});
      checkSample(sample, categories.length);
      return sample;
    },
  };
}

function toSample(record: ImageRecord, image: Image, {masks, fix}: {masks: boolean; fix: boolean}): Sample {
  const {width, height} = image;
  if (record.size && (record.size[0] !== width || record.size[1] !== height)) {
    throw new DatasetError(
      record.file,
      `the image is ${width} × ${height}, but ${record.source} says ${record.size.join(' × ')}. ` +
        'Boxes would not fit. Was the image resized, or turned by its EXIF orientation?',
    );
  }
  const objects: ObjectRecord[] = [];
  const boxes: number[] = [];
  for (const object of record.objects) {
    const box = boxIn(record, object, image, fix);
    if (!box) continue;
    objects.push(object);
    boxes.push(...box);
  }
  return {
    image,
    boxes: Float32Array.from(boxes),
    labels: Int32Array.from(objects, ({label}) => label),
    crowd: Uint8Array.from(objects, ({crowd}) => Number(crowd === true)),
    difficult: Uint8Array.from(objects, ({difficult}) => Number(difficult === true)),
    ...(masks && {masks: objects.flatMap(({mask}) => (mask ? [mask(height, width)] : []))}),
    file: record.file,
  };
}

/** In pixels; undefined for a box that `fix` leaves out. */
function boxIn(
  {unit, source}: ImageRecord,
  {box, place}: ObjectRecord,
  {width, height}: Image,
  fix: boolean,
): Box | undefined {
  if (unit === 'image') {
    // Shares are rounded, so the edges of the image are met only nearly.
    const scaled: Box = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
    return clipBox(scaled, [width, height]);
  }
  const fault = boxFault(box, [width, height]);
  if (!fault) return box;
  if (fix) return fault.repaired;
  throw new DatasetError(source, `${place}: ${fault.reason} Pass fix: true to clip it or leave it out.`);
}
