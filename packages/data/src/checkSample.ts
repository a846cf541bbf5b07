import {boxFault} from './annotations/boxRule.js';
import {DatasetError} from './datasetError.js';
import {ignoredClass, type Sample} from './sample.js';

/**
 * Checks what holds for every sample: the image's bytes fill its size; boxes are finite, have x1 < x2 and y1 < y2, and
 * reach at most one pixel over the edge; each list has one entry an object; labels are categories; masks have the
 * image's size; a class map has a category or the ignored value at each pixel.
 *
 * @param categories - The number of categories.
 * @throws DatasetError naming the file and the object.
 */
export function checkSample(sample: Sample, categories: number): void {
  const {image, label, boxes, labels, crowd, difficult, masks, classMap, file} = sample;
  const refuse = (reason: string): never => {
    throw new DatasetError(file, reason);
  };
  const {width, height, channels, data} = image;
  if (data.length !== width * height * channels) {
    refuse(
      `expected ${width * height * channels} bytes for ${width} × ${height} × ${channels}, got ${data.length}.`,
    );
  }
  if (label !== undefined) checkLabel(label, 'the image');
  const objects = labels?.length ?? (boxes ? boxes.length / 4 : (masks?.length ?? 0));
  for (const [name, list, each] of [
    ['boxes', boxes, 4],
    ['labels', labels, 1],
    ['crowd', crowd, 1],
    ['difficult', difficult, 1],
    ['masks', masks, 1],
  ] as const) {
    if (list && list.length !== objects * each) {
      refuse(`${name} must have ${objects * each} values for ${objects} objects, got ${list.length}.`);
    }
  }
  for (let k = 0; k < objects; k++) {
    if (boxes) {
      const fault = boxFault(
        [boxes[4 * k], boxes[4 * k + 1], boxes[4 * k + 2], boxes[4 * k + 3]],
        [width, height],
      );
      if (fault) refuse(`object ${k}: ${fault.reason}`);
    }
    if (labels) checkLabel(labels[k], `object ${k}`);
    const mask = masks?.[k];
    if (mask && (mask.width !== width || mask.height !== height)) {
      refuse(`object ${k}: its mask is ${mask.width} × ${mask.height}, but the image ${width} × ${height}.`);
    }
  }
  if (classMap) {
    if (classMap.length !== width * height) {
      refuse(`expected a class for each of ${width} × ${height} pixels, got ${classMap.length}.`);
    }
    const ignored = ignoredClass(classMap);
    const wrong = classMap.findIndex(value => value >= categories && value !== ignored);
    if (wrong >= 0) {
      const at = `pixel (${wrong % width}, ${Math.floor(wrong / width)})`;
      refuse(`${at}: expected a class from 0 to ${categories - 1}, or ${ignored}, got ${classMap[wrong]}.`);
    }
  }

  function checkLabel(value: number, what: string): void {
    if (Number.isInteger(value) && value >= 0 && value < categories) return;
    refuse(`${what}: expected a label from 0 to ${categories - 1}, got ${value}.`);
  }
}
