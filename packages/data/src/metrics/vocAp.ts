// Average precision of Pascal VOC: Everingham et al., "The Pascal Visual Object Classes Challenge", IJCV 2010, section 4.2, and its development kit.
import {boxOverlap} from '../boxOverlap.js';

/** The objects of some images: one entry each in every array. */
export interface VocObjects {
  /** The image of each object. */
  images: Int32Array;
  /** `[K · 4]`, `[x1, y1, x2, y2]` in continuous pixels. */
  boxes: Float32Array;
  /** The category of each object. */
  labels: Int32Array;
}

export interface VocTruths extends VocObjects {
  /** 1 where an object counts neither when found nor when missed. @defaultValue none is difficult */
  difficult?: Uint8Array;
}

export interface VocDetections extends VocObjects {
  scores: Float32Array;
}

export interface VocApOptions {
  /** Names by label. */
  categories: readonly string[];
  /** The overlap from which a detection counts. @defaultValue 0.5 */
  iouThreshold?: number;
  /** The mean at 11 recalls, as until 2009, or the area under the curve. @defaultValue 'area' */
  rule?: '2007' | 'area';
}

/** One category; its curve goes down the detections, best first, difficult ones left out. */
export interface VocCategoryAp {
  /** In [0, 1]; null if there is nothing to find. */
  AP: number | null;
  /** Objects to be found. */
  positives: number;
  precision: number[];
  recall: number[];
}

export interface VocAp {
  /** Over the categories with something to find. */
  mAP: number | null;
  categories: Record<string, VocCategoryAp>;
}

/**
 * Scores detections as Pascal VOC does: best score first, each detection takes the object of its image and category
 * that it overlaps most; of several that take the same, the first is right. The kit counts `xmax − xmin + 1` pixels,
 * which are the width here if boxes were read by `voc`.
 *
 * @throws RangeError if the arrays' lengths do not agree.
 */
export function vocAp(truths: VocTruths, detections: VocDetections, options: VocApOptions): VocAp {
  checkLengths('truths', truths, truths.difficult);
  checkLengths('detections', detections, detections.scores);
  const {categories, iouThreshold = 0.5, rule = 'area'} = options;
  const scores = categories.map((_, label) => {
    const {hits, positives} = matchCategory(truths, detections, label, iouThreshold);
    return curveOf(hits, positives, rule);
  });
  const known = scores.flatMap(({AP}) => (AP === null ? [] : [AP]));
  return {
    mAP: known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length,
    categories: Object.fromEntries(categories.map((name, label) => [name, scores[label]])),
  };
}

/** Whether each detection that counts is right, best score first. */
function matchCategory(
  truths: VocTruths,
  {images, boxes, labels, scores}: VocDetections,
  label: number,
  iouThreshold: number,
): {hits: boolean[]; positives: number} {
  const ofImage = new Map<number, number[]>();
  let positives = 0;
  truths.labels.forEach((own, t) => {
    if (own !== label) return;
    const others = ofImage.get(truths.images[t]);
    if (others) others.push(t);
    else ofImage.set(truths.images[t], [t]);
    if (!truths.difficult?.[t]) positives++;
  });
  const order = [...labels.keys()].filter(d => labels[d] === label);
  order.sort((a, b) => scores[b] - scores[a] || a - b);
  const found = new Uint8Array(truths.labels.length);
  const hits: boolean[] = [];
  for (const d of order) {
    let [best, match] = [iouThreshold, -1];
    for (const t of ofImage.get(images[d]) ?? []) {
      const overlap = boxOverlap(boxes, d, truths.boxes, t);
      if (overlap > best || (match < 0 && overlap === best)) [best, match] = [overlap, t];
    }
    if (match >= 0 && truths.difficult?.[match]) continue;
    hits.push(match >= 0 && !found[match]);
    if (match >= 0) found[match] = 1;
  }
  return {hits, positives};
}

function curveOf(hits: readonly boolean[], positives: number, rule: '2007' | 'area'): VocCategoryAp {
  const [precision, recall]: [number[], number[]] = [[], []];
  let right = 0;
  hits.forEach((hit, i) => {
    if (hit) right++;
    precision.push(right / (i + 1));
    recall.push(positives === 0 ? 0 : right / positives);
  });
  if (positives === 0) return {AP: null, positives, precision, recall};
  // The best precision at this recall or beyond.
  const envelope = [...precision];
  for (let i = envelope.length - 2; i >= 0; i--) envelope[i] = Math.max(envelope[i], envelope[i + 1]);
  const AP = rule === '2007' ? elevenPoints(recall, envelope) : area(recall, envelope);
  return {AP, positives, precision, recall};
}

function elevenPoints(recall: readonly number[], envelope: readonly number[]): number {
  let sum = 0;
  for (let point = 0; point <= 10; point++) {
    const at = recall.findIndex(reached => reached >= point / 10);
    if (at >= 0) sum += envelope[at];
  }
  return sum / 11;
}

const area = (recall: readonly number[], envelope: readonly number[]) =>
  recall.reduce((sum, reached, i) => sum + (reached - (i === 0 ? 0 : recall[i - 1])) * envelope[i], 0);

function checkLengths(what: string, objects: VocObjects, more: ArrayLike<number> | undefined): void {
  const count = objects.labels.length;
  const fits = objects.images.length === count && objects.boxes.length === 4 * count;
  if (fits && (more === undefined || more.length === count)) return;
  throw new RangeError(
    `vocAp: ${what} must have one image, box, label and flag or score each; got ${objects.images.length} images, ` +
      `${objects.boxes.length / 4} boxes, ${count} labels${more ? ` and ${more.length} flags or scores` : ''}.`,
  );
}
