/**
 * The regions of one class whose pixels touch by their sides.
 *
 * @param classMap - `[height · width]`.
 * @param size - `[height, width]`.
 * @returns `labels` `[height · width]`: 0, or the number of the region from 1 up, by first pixel row by row; and the
 * boxes `[x1, y1, x2, y2]` of the regions in this order.
 */
export function connectedComponents(
  classMap: ArrayLike<number>,
  [height, width]: readonly [height: number, width: number],
  category: number,
): {labels: Int32Array; boxes: [number, number, number, number][]} {
  const labels = new Int32Array(height * width);
  const boxes: [number, number, number, number][] = [];
  const stack: number[] = [];
  for (let start = 0; start < labels.length; start++) {
    if (labels[start] || classMap[start] !== category) continue;
    const label = boxes.length + 1;
    const box: [number, number, number, number] = [width, height, 0, 0];
    const visit = (pixel: number) => {
      if (labels[pixel] || classMap[pixel] !== category) return;
      labels[pixel] = label;
      stack.push(pixel);
    };
    visit(start);
    while (stack.length) {
      const pixel = stack.pop()!;
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = Math.max(box[3], y + 1);
      if (x > 0) visit(pixel - 1);
      if (x < width - 1) visit(pixel + 1);
      if (y > 0) visit(pixel - width);
      if (y < height - 1) visit(pixel + width);
    }
    boxes.push(box);
  }
  return {labels, boxes};
}
