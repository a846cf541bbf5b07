/** What tfjs's resizing kernels take. */
export interface ResizeAttrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
  /** `[height, width]` */
  size: [number, number];
}

type Centers = Pick<ResizeAttrs, 'alignCorners' | 'halfPixelCenters'>;

/** Where each row of the output comes from: two rows of the input and the share of the second. */
export function bilinearTaps(inSize: number, outSize: number, centers: Centers) {
  const low = new Int32Array(outSize);
  const high = new Int32Array(outSize);
  const weight = new Float32Array(outSize);
  const scale = scaleOf(inSize, outSize, centers);
  for (let i = 0; i < outSize; i++) {
    const source = centers.halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i;
    low[i] = Math.max(0, Math.floor(source));
    high[i] = Math.min(inSize - 1, Math.ceil(source));
    weight[i] = source - low[i];
  }
  return {low, high, weight};
}

/** The row of the input that each row of the output copies. */
export function nearestRows(inSize: number, outSize: number, centers: Centers): Int32Array {
  const scale = scaleOf(inSize, outSize, centers);
  return Int32Array.from({length: outSize}, (_, i) => {
    const source = scale * (centers.halfPixelCenters ? i + 0.5 : i);
    return Math.min(inSize - 1, centers.alignCorners ? Math.round(source) : Math.floor(source));
  });
}

function scaleOf(inSize: number, outSize: number, {alignCorners}: Centers): number {
  return alignCorners && outSize > 1 ? (inSize - 1) / (outSize - 1) : inSize / outSize;
}
