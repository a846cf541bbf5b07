/** How often each class was taken for each. */
export interface ConfusionMatrix {
  classes: number;
  /** `[classes · classes]`: row by true class, column by predicted class. */
  counts: Float64Array;
}

export interface ConfusionMatrixOptions {
  classes: number;
  /** A label that does not count. @defaultValue none; negative labels never count */
  ignoreIndex?: number;
  /** Counts are added to this matrix instead of a new one. */
  into?: ConfusionMatrix;
}

/**
 * Counts pairs of true and predicted class: of images, or of pixels.
 *
 * @param labels - `[N]`.
 * @param predictions - `[N]`.
 * @throws RangeError if the lengths differ, or a value that counts is no class.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  {classes, ignoreIndex = -1, into}: ConfusionMatrixOptions,
): ConfusionMatrix {
  if (labels.length !== predictions.length) {
    throw new RangeError(
      `confusionMatrix: expected as many predictions as labels, got ${predictions.length} and ${labels.length}.`,
    );
  }
  const matrix = into ?? {classes, counts: new Float64Array(classes * classes)};
  if (matrix.classes !== classes) {
    throw new RangeError(`confusionMatrix: into has ${matrix.classes} classes, expected ${classes}.`);
  }
  const isClass = (value: number) => Number.isInteger(value) && value >= 0 && value < classes;
  for (let i = 0; i < labels.length; i++) {
    const [label, predicted] = [labels[i], predictions[i]];
    if (label === ignoreIndex || label < 0) continue;
    if (!isClass(label) || !isClass(predicted)) {
      throw new RangeError(
        `confusionMatrix: label ${label} and prediction ${predicted} at ${i} must be classes from 0 to ${classes - 1}.`,
      );
    }
    matrix.counts[label * classes + predicted]++;
  }
  return matrix;
}

/** One class: null where a share of nothing would be taken. */
export interface ClassScore {
  name: string;
  /** Of those predicted as this class, the share that is. */
  precision: number | null;
  /** Of those that are this class, the share that was predicted so. */
  recall: number | null;
  /** The harmonic mean of both. */
  f1: number | null;
  /** How many are this class. */
  support: number;
}

export interface ConfusionScores {
  /** The share that was predicted right; null if there were none. */
  accuracy: number | null;
  classes: ClassScore[];
  /** Row by true class, column by predicted class. */
  matrix: number[][];
}

/**
 * Accuracy, and precision and recall of each class.
 *
 * @param names - Of the classes, in order.
 */
export function confusionScores(matrix: ConfusionMatrix, names: readonly string[]): ConfusionScores {
  const {classes, counts} = matrix;
  const {diagonal, rows, columns, total} = marginals(matrix);
  return {
    accuracy: share(sum(diagonal), total),
    classes: names.slice(0, classes).map((name, c) => ({
      name,
      precision: share(diagonal[c], columns[c]),
      recall: share(diagonal[c], rows[c]),
      f1: share(2 * diagonal[c], rows[c] + columns[c]),
      support: rows[c],
    })),
    matrix: Array.from({length: classes}, (_, c) =>
      Array.from(counts.subarray(c * classes, (c + 1) * classes)),
    ),
  };
}

/** What lies on the diagonal, and the sums of the rows (true) and columns (predicted). */
export function marginals({classes, counts}: ConfusionMatrix): {
  diagonal: number[];
  rows: number[];
  columns: number[];
  total: number;
} {
  const diagonal = Array.from({length: classes}, (_, c) => counts[c * classes + c]);
  const [rows, columns] = [new Array<number>(classes).fill(0), new Array<number>(classes).fill(0)];
  counts.forEach((count, i) => {
    rows[Math.floor(i / classes)] += count;
    columns[i % classes] += count;
  });
  return {diagonal, rows, columns, total: sum(rows)};
}

/** Null instead of a division by zero, which JSON cannot hold. */
export const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
