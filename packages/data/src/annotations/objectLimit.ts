import type {ImageRecord} from './annotatedDataset.js';
import type {Problem} from './problems.js';

export interface ObjectLimit {
  /**
   * The most objects of an image. Of more, which would fill the memory with masks and with overlaps of boxes and anchors,
   * the first are kept; a warning says so, and `repairs` lists the images. @defaultValue 2000
   */
  maxObjects?: number;
}

/**
 * Keeps the first objects of each image.
 *
 * @returns the records, and the images that had more.
 * @throws RangeError if `maxObjects` is no whole number from 1 up.
 */
export function limitObjects(
  records: readonly ImageRecord[],
  maxObjects = 2000,
): {records: readonly ImageRecord[]; capped: Problem[]} {
  if (!Number.isInteger(maxObjects) || maxObjects < 1) {
    throw new RangeError(`maxObjects must be a whole number from 1 up, got ${maxObjects}.`);
  }
  const capped: Problem[] = [];
  const limited = records.map(record => {
    const {file, source, objects} = record;
    if (objects.length <= maxObjects) return record;
    capped.push({
      file: source,
      place: file,
      reason: `${objects.length} objects are more than the ${maxObjects} that an image may have. Cut it into tiles, or raise maxObjects.`,
      remedy: `the first ${maxObjects} are kept`,
    });
    return {...record, objects: objects.slice(0, maxObjects)};
  });
  return {records: limited, capped};
}
