// Golub & Van Loan, "Matrix Computations", algorithms 8.3.1 (Householder tridiagonalization) and 8.3.2 (implicit
// symmetric QR step with Wilkinson's shift).

/** Eigenvalues of a symmetric matrix, the largest first, and the vectors that belong to them. */
export interface SymmetricEigen {
  values: Float64Array;
  /** Rows of unit length, orthogonal to each other, in the order of `values`; their signs are arbitrary. */
  vectors: Float64Array[];
}

/** What is nothing beside the largest value of a matrix, 1, though a step may never bring it to 0. */
const negligible = 1e-100;
/** Steps for one eigenvalue after which something must be wrong; two or three are usual. */
const mostSteps = 60;

/**
 * All eigenvalues of a symmetric matrix, and the vectors of the largest of them. In double precision, in O(n³):
 * seconds for n = 784.
 *
 * @param matrix - `[n, n]`, row by row; only read.
 * @param count - Vectors wanted. @defaultValue n
 * @throws RangeError if the size is not n², or a value is no finite number.
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number, count = n): SymmetricEigen {
  if (matrix.length !== n * n)
    throw new RangeError(`symmetricEigen: expected ${n} × ${n} values, got ${matrix.length}.`);
  const rows = Array.from({length: n}, (_, i) => Float64Array.from({length: n}, (_, k) => matrix[i * n + k]));
  if (!rows.every(row => row.every(Number.isFinite)))
    throw new RangeError('symmetricEigen: the matrix holds values that are infinite or no numbers.');
  // Squares of very small or large values would leave the range of numbers.
  const scale = rows.reduce((most, row) => row.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0) || 1;
  for (const row of rows) for (let k = 0; k < n; k++) row[k] /= scale;
  const {diagonal, beside, mirrors} = tridiagonal(rows);
  const vectors = Array.from({length: n}, (_, i) =>
    Float64Array.from({length: n}, (_, k) => Number(i === k)),
  );
  diagonalize(diagonal, beside, vectors);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b] - diagonal[a]);
  return {
    values: Float64Array.from(order, i => diagonal[i] * scale),
    vectors: order.slice(0, count).map(i => mirrored(vectors[i], mirrors)),
  };
}

/** Mirrors the rows and columns until only the diagonal and its neighbours are left. Overwrites `a`. */
function tridiagonal(a: Float64Array[]) {
  const n = a.length;
  const beside = new Float64Array(n);
  const mirrors: Float64Array[] = [];
  for (let k = 0; k < n - 2; k++) {
    const v = a[k].slice(k + 1);
    const length = Math.hypot(...v);
    beside[k] = v[0] > 0 ? -length : length;
    if (length === 0) {
      mirrors.push(v);
      continue;
    }
    v[0] -= beside[k];
    const size = Math.hypot(...v);
    for (let i = 0; i < v.length; i++) v[i] /= size;
    // a ← (1 − 2vvᵀ) a (1 − 2vvᵀ) = a − v wᵀ − w vᵀ, with w = 2 (a v − (vᵀ a v) v).
    const w = v.map((_, i) => dot(a[k + 1 + i], v, k + 1));
    const along = dot(w, v, 0);
    for (let i = 0; i < v.length; i++) w[i] = 2 * (w[i] - along * v[i]);
    for (let i = 0; i < v.length; i++) {
      const row = a[k + 1 + i];
      for (let j = 0; j < v.length; j++) row[k + 1 + j] -= v[i] * w[j] + w[i] * v[j];
    }
    mirrors.push(v);
  }
  if (n > 1) beside[n - 2] = a[n - 2][n - 1];
  return {diagonal: Float64Array.from(a, (row, i) => row[i]), beside, mirrors};
}

/** Turns neighbouring rows of `vectors` until nothing is left beside the diagonal. */
function diagonalize(d: Float64Array, e: Float64Array, vectors: Float64Array[]): void {
  const small = (i: number) =>
    Math.abs(e[i]) <= Number.EPSILON * (Math.abs(d[i]) + Math.abs(d[i + 1])) + negligible;
  for (let last = d.length - 1, steps = 0; last > 0; ) {
    if (small(last - 1)) {
      e[last - 1] = 0;
      last--;
      steps = 0;
      continue;
    }
    if (++steps > mostSteps) throw new Error('symmetricEigen: the matrix does not converge.');
    let first = last - 1;
    while (first > 0 && !small(first - 1)) first--;
    const half = (d[last - 1] - d[last]) / 2;
    const t = e[last - 1];
    let x = d[first] - (d[last] - (t * t) / (half + (half < 0 ? -1 : 1) * Math.hypot(half, t)));
    let z = e[first];
    for (let k = first; k < last; k++) {
      const r = Math.hypot(x, z);
      const [c, s] = r === 0 ? [1, 0] : [x / r, z / r];
      if (k > first) e[k - 1] = r;
      const [above, below, off] = [d[k], d[k + 1], e[k]];
      d[k] = c * c * above + 2 * c * s * off + s * s * below;
      d[k + 1] = s * s * above - 2 * c * s * off + c * c * below;
      e[k] = c * s * (below - above) + (c * c - s * s) * off;
      if (k < last - 1) {
        x = e[k];
        z = s * e[k + 1];
        e[k + 1] *= c;
      }
      turn(vectors[k], vectors[k + 1], c, s);
    }
  }
}

function turn(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    a[i] = c * x + s * y;
    b[i] = c * y - s * x;
  }
}

/** A vector of the tridiagonal matrix as one of the matrix it came from. */
function mirrored(vector: Float64Array, mirrors: readonly Float64Array[]): Float64Array {
  const out = vector.slice();
  for (let k = mirrors.length - 1; k >= 0; k--) {
    const v = mirrors[k];
    const along = 2 * dot(out, v, k + 1);
    for (let i = 0; i < v.length; i++) out[k + 1 + i] -= along * v[i];
  }
  return out;
}

/** The product of `b` with what of `a` begins at `from`. */
function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[from + i] * b[i];
  return sum;
}
