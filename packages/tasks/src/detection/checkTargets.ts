import * as tf from '@tensorflow/tfjs-core';
import type {DetectionBatch} from './detectionNetwork.js';

/**
 * Refuses objects that a network cannot learn: boxes without area, beyond the input or with a coordinate that is no
 * number, categories that it does not have, masks that do not fit. Reads the few numbers of the boxes and labels.
 *
 * @param name - The network, for messages.
 * @param categories - How many there are.
 * @param learnsMasks - Whether each target needs masks.
 * @throws RangeError or TypeError that names the image, the object and what to do.
 */
export function checkTargets(
  name: string,
  {images, targets, files}: Pick<DetectionBatch, 'images' | 'targets'> & {files?: readonly string[]},
  categories: number,
  learnsMasks: boolean,
): void {
  const [count, height, width] = images.shape;
  if (targets.length !== count) {
    throw new TypeError(`${name}: expected targets for ${count} images, got ${targets.length}.`);
  }
  targets.forEach(({boxes, labels, masks}, image) => {
    const place = `image ${image}${files?.[image] ? ` (${files[image]})` : ''}`;
    const [objects] = labels.shape;
    if (boxes.rank !== 2 || boxes.shape[1] !== 4 || boxes.shape[0] !== objects || boxes.dtype !== 'float32') {
      throw new TypeError(
        `${name}: ${place} must have float32 boxes of shape [${objects}, 4], one for each label, got ${boxes.dtype} [${boxes.shape}].`,
      );
    }
    if (learnsMasks && String(masks?.shape) !== String([objects, height, width])) {
      throw new TypeError(
        `${name}: ${place} must have masks of shape [${objects}, ${height}, ${width}], one for each box, got ` +
          `${masks ? `[${masks.shape}]` : 'none'}. Take a dataset with masks, or a network that learns boxes alone.`,
      );
    }
  });
  checkBoxes(
    name,
    targets.map(({boxes}) => boxes),
    [height, width],
    files,
  );
  checkLabels(
    name,
    targets.map(({labels}) => labels),
    categories,
    files,
  );
}

function checkBoxes(
  name: string,
  boxes: readonly tf.Tensor2D[],
  [height, width]: readonly [number, number],
  files: readonly string[] | undefined,
): void {
  forEachRow(boxes, 4, (values, i, image, object) => {
    const [x1, y1, x2, y2] = values.subarray(i, i + 4);
    let problem = '';
    if (![x1, y1, x2, y2].every(Number.isFinite)) problem = 'has a coordinate that is no number';
    else if (x2 <= x1 || y2 <= y1) problem = 'has no area: x2 must be above x1, and y2 above y1';
    else if (x2 <= 0 || y2 <= 0 || x1 >= width || y1 >= height) {
      problem = `lies outside the input of ${width} × ${height}`;
    }
    if (!problem) return;
    throw new RangeError(
      `${name}: box ${object} of image ${image}${files?.[image] ? ` (${files[image]})` : ''}, ` +
        `[${x1}, ${y1}, ${x2}, ${y2}], ${problem}. Boxes are [x1, y1, x2, y2] in pixels; mend or leave it out.`,
    );
  });
}

function checkLabels(
  name: string,
  labels: readonly tf.Tensor1D[],
  categories: number,
  files: readonly string[] | undefined,
): void {
  forEachRow(labels, 1, (values, i, image, object) => {
    if (Number.isInteger(values[i]) && values[i] >= 0 && values[i] < categories) return;
    throw new RangeError(
      `${name}: label ${object} of image ${image}${files?.[image] ? ` (${files[image]})` : ''} must be a whole number ` +
        `in [0, ${categories}), got ${values[i]}. Background has no label; give the network as many categories as the dataset.`,
    );
  });
}

/** Reads all at once: one wait for the device. */
function forEachRow(
  tensors: readonly tf.Tensor[],
  columns: number,
  visit: (values: Float32Array | Int32Array, i: number, image: number, object: number) => void,
): void {
  if (tensors.every(({size}) => size === 0)) return;
  const all = tf.tidy(() => tf.concat(tensors.map(tensor => tf.reshape(tensor, [-1]))));
  const values = all.dataSync<'float32' | 'int32'>();
  all.dispose();
  let i = 0;
  tensors.forEach(({size}, image) => {
    for (let object = 0; object < size / columns; object++, i += columns) visit(values, i, image, object);
  });
}
