import {pasteMaskRles, type Rle} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Detections, NetworkDetections, Placement} from './detectionNetwork.js';
import {unplaceBoxes} from './placement.js';

/**
 * What a network found, in pixels of the image: boxes cut to it, without those that lie beside it, and masks drawn at
 * its size. Leaves the tensors to the caller.
 */
export async function toDetections(found: NetworkDetections, placement: Placement): Promise<Detections> {
  const [boxes, scores, labels] = await Promise.all([
    found.boxes.data<'float32'>(),
    found.scores.data<'float32'>(),
    found.labels.data<'int32'>(),
  ]);
  const [height, width] = placement.size;
  // Masks are of the boxes as the network has them, so these are cut for the result only.
  const whole = unplaceBoxes(Float32Array.from(boxes), placement);
  const placed = whole.map((value, i) => Math.min(Math.max(value, 0), i % 2 ? height : width));
  const kept = [...scores.keys()].filter(k => {
    const [x1, y1, x2, y2] = placed.subarray(4 * k, 4 * k + 4);
    return x2 > x1 && y2 > y1;
  });
  const masks = found.masks && drawnMasks(found.masks, whole, placement);
  return {
    boxes: Float32Array.from(kept.flatMap(k => [...placed.subarray(4 * k, 4 * k + 4)])),
    scores: Float32Array.from(kept, k => scores[k]),
    labels: Int32Array.from(kept, k => labels[k]),
    ...(masks && {masks: kept.map(k => masks[k])}),
  };
}

function drawnMasks(masks: tf.Tensor3D, boxes: Float32Array, {size: [height, width]}: Placement): Rle[] {
  const where = tf.tensor2d(boxes, [masks.shape[0], 4]);
  try {
    return pasteMaskRles(masks, where, {height, width});
  } finally {
    where.dispose();
  }
}
