import {type Rle, rleArea} from '@foveal/core';
import {type Box, clipBox} from '../annotations/boxRule.js';
import type {Image} from '../image.js';
import type {Sample} from '../sample.js';
import {gatherMask} from './gatherMask.js';
import {type Grid, gatherClasses} from './grid.js';

/** Which objects a transform keeps that cuts parts of the image off. */
export interface VisibleRule {
  /**
   * Boxes are clipped to the image. An object stays if at least this share of its box, as it was before the cut, is
   * still inside, and if its mask, where there are masks, has a pixel left. @defaultValue 0.1
   */
  minVisible?: number;
}

export const defaultMinVisible = 0.1;

/** How a change of place acts on each field of a sample. */
export interface Motion {
  image(image: Image): Image;
  /** Not clipped yet. */
  box(box: Box): Box;
  mask(mask: Rle): Rle;
  classMap<M extends Uint8Array | Uint16Array>(classMap: M): M;
}

/**
 * Moves everything that has a place in the image, and drops the objects that are cut off: from boxes, labels, crowd,
 * difficult and masks alike.
 *
 * @param minVisible - As {@link VisibleRule}; undefined for a motion that cuts nothing: every object stays as it is.
 */
export function moveSample(sample: Sample, motion: Motion, minVisible: number | undefined): Sample {
  const image = motion.image(sample.image);
  const moved: Sample = {...sample, image};
  if (sample.classMap) moved.classMap = motion.classMap(sample.classMap);
  const masks = sample.masks?.map(mask => motion.mask(mask));
  const boxes = sample.boxes && moveBoxes(sample.boxes, motion);
  if (boxes) moved.boxes = boxes;
  if (masks) moved.masks = masks;
  if (minVisible === undefined || !(boxes || masks)) return moved;

  const kept: number[] = [];
  const objects = masks?.length ?? boxes!.length / 4;
  for (let k = 0; k < objects; k++) {
    const stays = !boxes || clipAt(boxes, k, image, minVisible);
    if (stays && !(masks && rleArea(masks[k]) === 0)) kept.push(k);
  }
  return kept.length === objects ? moved : selectObjects(moved, kept);
}

/** The motion that a grid makes. @param image - `[width, height]` of the image that the grid reads. */
export function gridMotion(grid: Grid, width: number, box: Motion['box'], image: Motion['image']): Motion {
  return {
    image,
    box,
    mask: mask => gatherMask(mask, grid),
    classMap: classMap => gatherClasses(classMap, width, grid),
  };
}

/** The objects of these numbers, in this order, in every list that the sample has. */
export function selectObjects(sample: Sample, kept: readonly number[]): Sample {
  const {boxes, labels, crowd, difficult, masks} = sample;
  const selected = {...sample};
  if (boxes) {
    selected.boxes = new Float32Array(kept.length * 4);
    kept.forEach((k, i) => {
      selected.boxes!.set(boxes.subarray(4 * k, 4 * k + 4), 4 * i);
    });
  }
  if (labels) selected.labels = Int32Array.from(kept, k => labels[k]);
  if (crowd) selected.crowd = Uint8Array.from(kept, k => crowd[k]);
  if (difficult) selected.difficult = Uint8Array.from(kept, k => difficult[k]);
  if (masks) selected.masks = kept.map(k => masks[k]);
  return selected;
}

function moveBoxes(boxes: Float32Array, motion: Motion): Float32Array {
  const moved = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 4) {
    moved.set(motion.box([boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]]), i);
  }
  return moved;
}

/** Clips box `k` in place. @returns whether enough of it is left. */
function clipAt(boxes: Float32Array, k: number, {width, height}: Image, minVisible: number): boolean {
  const box = boxes.subarray(4 * k, 4 * k + 4);
  const before = (box[2] - box[0]) * (box[3] - box[1]);
  box.set(clipBox([box[0], box[1], box[2], box[3]], [width, height]));
  const [w, h] = [box[2] - box[0], box[3] - box[1]];
  return w > 0 && h > 0 && w * h >= minVisible * before;
}
