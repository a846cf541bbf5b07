import {DatasetError, type Sample} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize, Placement, Target} from './detectionNetwork.js';
import {placeMasks} from './placeMasks.js';
import {placeBoxes} from './placement.js';

/**
 * What a network learns from a sample: boxes cut to the image, without those that have no area then, and without
 * crowds, as torchvision's recipes.
 *
 * @param size - Height and width of the network's input.
 * @param masks - Whether the network learns masks.
 * @throws DatasetError if objects, or their masks, are unknown, or a box is not finite.
 */
export function toTarget(sample: Sample, placement: Placement, size: PixelSize, masks: boolean): Target {
  const {boxes, labels} = withObjects(sample, masks);
  const [height, width] = placement.size;
  const kept: number[] = [];
  const inside = new Float32Array(boxes.length);
  for (let k = 0; k < labels.length; k++) {
    if (sample.crowd?.[k]) continue;
    const box = boxes.subarray(4 * k, 4 * k + 4);
    if (!box.every(Number.isFinite)) {
      throw new DatasetError(sample.file, `object ${k}: its box [${box.join(', ')}] must be finite.`);
    }
    const [x1, x2] = [box[0], box[2]].map(x => Math.min(Math.max(x, 0), width));
    const [y1, y2] = [box[1], box[3]].map(y => Math.min(Math.max(y, 0), height));
    if (!(x2 > x1 && y2 > y1)) continue;
    inside.set([x1, y1, x2, y2], 4 * kept.length);
    kept.push(k);
  }
  const placed = placeBoxes(inside.subarray(0, 4 * kept.length), placement);
  return {
    boxes: tf.tensor2d(placed, [kept.length, 4]),
    labels: tf.tensor1d(
      Int32Array.from(kept, k => labels[k]),
      'int32',
    ),
    ...(masks && {
      masks: placeMasks(
        kept.map(k => sample.masks![k]),
        placement,
        size,
      ),
    }),
  };
}

/** @throws DatasetError if it is not known what objects there are, or where exactly. */
export function withObjects(
  sample: Sample,
  masks: boolean,
): Sample & Required<Pick<Sample, 'boxes' | 'labels'>> {
  const {boxes, labels, file} = sample;
  if (!boxes || !labels) {
    throw new DatasetError(
      file,
      'its objects are unknown. Detection learns from boxes: use data in the form of coco, voc, yolo or instances.',
    );
  }
  if (masks && labels.length > 0 && !sample.masks) {
    throw new DatasetError(
      file,
      'its objects have no masks, which this network learns. Use data with masks (coco with segmentations, ' +
        'instances), or a network that learns boxes.',
    );
  }
  return {...sample, boxes, labels};
}
