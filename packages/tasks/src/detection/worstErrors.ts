// The kinds of Hoiem et al., "Diagnosing Error in Object Detectors", ECCV 2012.
import {boxOverlap} from '@foveal/data';
import type {MeasuredImage} from './measuredImage.js';

/** What went wrong. */
export type ErrorKind = 'missed' | 'nothing there' | 'badly placed' | 'wrong category' | 'found twice';

/** Something that was found wrongly, or not at all. */
export interface DetectionError {
  kind: ErrorKind;
  /** The image, by its number. */
  image: number;
  /** The labelled object that it is about. */
  truth?: number;
  /** The detection that it is about. */
  detection?: number;
  /** Of the detection. */
  score?: number;
  /** Overlap of the detection with the object. */
  iou: number;
  /** How bad it is: errors of one kind are in its order. */
  weight: number;
}

/** Detections that score less are no claims, and no errors. */
const claimed = 0.3;
/** Overlap from which an object is found. */
const enough = 0.5;
/** Overlap from which a detection means an object. */
const meant = 0.1;

/**
 * Sorts what a detector did wrongly by kind, the worst of each first: false claims by their score, missed objects by
 * their size. Crowds and difficult objects are never missed.
 */
export function worstErrors(images: readonly MeasuredImage[]): DetectionError[] {
  const errors = images.flatMap((image, i) => errorsIn(image).map(error => ({...error, image: i})));
  return errors.sort((a, b) => b.weight - a.weight);
}

function errorsIn({labelled, found}: MeasuredImage): Omit<DetectionError, 'image'>[] {
  const errors: Omit<DetectionError, 'image'>[] = [];
  const takenBy = new Map<number, number>();
  const explained = new Set<number>();
  const claims = [...found.scores.keys()].filter(d => found.scores[d] >= claimed);
  claims.sort((a, b) => found.scores[b] - found.scores[a]);
  for (const d of claims) {
    const overlaps = Array.from(labelled.labels, (_, t) => boxOverlap(found.boxes, d, labelled.boxes, t));
    const own = (t: number) => labelled.labels[t] === found.labels[d];
    const best = (fits: (t: number) => boolean) =>
      overlaps.reduce((top, iou, t) => (fits(t) && iou > (overlaps[top] ?? 0) ? t : top), -1);
    const free = best(t => own(t) && !takenBy.has(t));
    if (free >= 0 && overlaps[free] >= enough) {
      takenBy.set(free, d);
      continue;
    }
    const any = best(() => true);
    // Whatever lies in a crowd is right.
    if (any >= 0 && labelled.crowd?.[any] && overlaps[any] > 0) continue;
    const same = best(own);
    const [truth, kind] = blame(same, any, overlaps, takenBy);
    if (kind === 'wrong category' && truth !== undefined) explained.add(truth);
    const score = found.scores[d];
    const iou = truth === undefined ? 0 : overlaps[truth];
    errors.push({kind, detection: d, score, iou, weight: score, ...(truth !== undefined && {truth})});
  }
  for (const t of labelled.labels.keys()) {
    if (takenBy.has(t) || explained.has(t) || labelled.crowd?.[t] || labelled.difficult?.[t]) continue;
    const [x1, y1, x2, y2] = labelled.boxes.subarray(4 * t, 4 * t + 4);
    const share = ((x2 - x1) * (y2 - y1)) / (labelled.size[0] * labelled.size[1]);
    errors.push({kind: 'missed', truth: t, iou: 0, weight: Math.sqrt(share)});
  }
  return errors;
}

function blame(
  same: number,
  any: number,
  overlaps: readonly number[],
  taken: ReadonlyMap<number, number>,
): [number | undefined, ErrorKind] {
  if (same >= 0 && overlaps[same] >= enough && taken.has(same)) return [same, 'found twice'];
  if (any >= 0 && any !== same && overlaps[any] >= enough) return [any, 'wrong category'];
  if (same >= 0 && overlaps[same] >= meant) return [same, 'badly placed'];
  return [undefined, 'nothing there'];
}
