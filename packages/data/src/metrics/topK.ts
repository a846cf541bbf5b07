export interface TopKOptions {
  /** How many of the best scores may hold the label. @defaultValue [1, 5] */
  ks?: readonly number[];
}

/**
 * The share of rows whose label is among the k highest scores. Of equal scores, the lower class comes first; a score
 * that is not a number never counts. Rows with a negative label are left out.
 *
 * @param scores - `[N · classes]`, row by row: logits or probabilities.
 * @param labels - `[N]`.
 * @returns by k, in [0, 1]; null if no row has a label.
 * @throws RangeError if the sizes do not agree, or a label is no class.
 */
export function topK(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  {ks = [1, 5]}: TopKOptions = {},
): Record<number, number | null> {
  const classes = labels.length === 0 ? 0 : scores.length / labels.length;
  if (!Number.isInteger(classes) || (labels.length === 0 && scores.length > 0)) {
    throw new RangeError(`topK: ${scores.length} scores cannot be shared by ${labels.length} labels.`);
  }
  const right = new Map(ks.map(k => [k, 0]));
  let rows = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row];
    if (label < 0) continue;
    if (!Number.isInteger(label) || label >= classes) {
      throw new RangeError(`topK: label ${label} of row ${row} is not one of ${classes} classes.`);
    }
    rows++;
    const rank = rankOf(scores, row * classes, classes, label);
    for (const k of ks) {
      if (rank < k) right.set(k, (right.get(k) ?? 0) + 1);
    }
  }
  return Object.fromEntries(ks.map(k => [k, rows === 0 ? null : (right.get(k) ?? 0) / rows]));
}

/** How many classes come before the label's. */
function rankOf(scores: ArrayLike<number>, from: number, classes: number, label: number): number {
  const own = scores[from + label];
  if (Number.isNaN(own)) return classes;
  let rank = 0;
  for (let c = 0; c < classes; c++) {
    if (scores[from + c] > own || (scores[from + c] === own && c < label)) rank++;
  }
  return rank;
}
