import type {Placement} from './detectionNetwork.js';

/** Boxes of an image where they lie in a network's input: `[x1, y1, x2, y2]` each. */
export function placeBoxes(boxes: Float32Array, {scale, offset}: Placement): Float32Array {
  return boxes.map((value, i) => (i % 2 ? value * scale[0] + offset[0] : value * scale[1] + offset[1]));
}

/** Boxes of a network's input where they lie in the image; the inverse of {@link placeBoxes}. */
export function unplaceBoxes(boxes: Float32Array, {scale, offset}: Placement): Float32Array {
  return boxes.map((value, i) => (i % 2 ? (value - offset[0]) / scale[0] : (value - offset[1]) / scale[1]));
}
