// Receptive fields: Dumoulin & Visin, arXiv:1603.07285, section 2; Araujo, Norris & Sim, "Computing Receptive Fields of
// Convolutional Neural Networks", Distill 2019, equations 2 and 3.

/** What a unit of a layer sees of the image, in its pixels; each `[vertical, horizontal]`. */
export interface ReceptiveField {
  /** Height and width of what one unit sees. */
  size: [number, number];
  /** Pixels from what one unit sees to what its neighbour sees. */
  stride: [number, number];
  /** Where begins what the first unit sees: below 0 in the padding. */
  start: [number, number];
}

/** A window that slides over maps: of a convolution or a pooling. */
export interface SlidingWindow {
  /** One number, or `[height, width]`. */
  kernelSize: number | readonly [number, number];
  /** @defaultValue 1 */
  stride?: number | readonly [number, number];
  /** Pixels before the first one. @defaultValue 0 */
  padding?: number | readonly [number, number];
  /** @defaultValue 1 */
  dilation?: number | readonly [number, number];
}

/** What a pixel of the image itself sees. */
export const onePixel: ReceptiveField = {size: [1, 1], stride: [1, 1], start: [0, 0]};

/** What a unit sees after one more window. */
export function through(
  {size, stride, start}: ReceptiveField,
  {kernelSize, stride: step = 1, padding = 0, dilation = 1}: SlidingWindow,
): ReceptiveField {
  const along = (value: number | readonly [number, number], axis: number) =>
    typeof value === 'number' ? value : value[axis];
  const both = (f: (axis: number) => number): [number, number] => [f(0), f(1)];
  return {
    size: both(i => size[i] + along(dilation, i) * (along(kernelSize, i) - 1) * stride[i]),
    stride: both(i => stride[i] * along(step, i)),
    start: both(i => start[i] - along(padding, i) * stride[i]),
  };
}

/** What a unit sees behind windows one after another: three of 3 see 7, as one of 7. */
export const receptiveField = (windows: readonly SlidingWindow[]): ReceptiveField =>
  windows.reduce(through, onePixel);

/** What a unit sees that takes from several: all that one of them sees. */
export function joined(fields: readonly ReceptiveField[]): ReceptiveField {
  const both = (f: (axis: number) => number): [number, number] => [f(0), f(1)];
  const start = both(i => Math.min(...fields.map(field => field.start[i])));
  return {
    start,
    size: both(i => Math.max(...fields.map(field => field.start[i] + field.size[i])) - start[i]),
    stride: both(i => Math.max(...fields.map(field => field.stride[i]))),
  };
}

/** What a unit sees of an image, `[x1, y1, x2, y2]` in its pixels, cut at its border. */
export function fieldBox(
  {size, stride, start}: ReceptiveField,
  [row, column]: readonly [number, number],
  [height, width]: readonly [number, number],
): [number, number, number, number] {
  const [top, left] = [start[0] + row * stride[0], start[1] + column * stride[1]];
  const inside = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  return [
    inside(left, width),
    inside(top, height),
    inside(left + size[1], width),
    inside(top + size[0], height),
  ];
}
