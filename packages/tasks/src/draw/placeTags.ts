/** A rectangle in pixels of a picture. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const overlap = (a: Area, b: Area) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/**
 * Finds a place for the tag of each box: above it, else inside its top, below it, or inside its bottom, at its left or
 * right edge; within the picture, and over no other tag. A tag without such a place is left out.
 *
 * @param boxes - In the order of their importance.
 * @param tags - The size of each tag.
 * @returns The top left corner of each tag.
 */
export function placeTags(
  boxes: readonly Area[],
  tags: readonly {width: number; height: number}[],
  picture: {width: number; height: number},
): ({x: number; y: number} | undefined)[] {
  const taken: Area[] = [];
  return boxes.map((box, i) => {
    const {width, height} = tags[i];
    const ys = [box.y - height, box.y, box.y + box.height, box.y + box.height - height];
    const xs = [box.x, box.x + box.width - width, picture.width - width];
    for (const y of ys) {
      for (const x of xs) {
        const left = Math.max(0, Math.min(x, picture.width - width));
        // A tag beside its box would be read as another's.
        if (left > box.x + box.width || left + width < box.x) continue;
        const area = {x: left, y, width, height};
        const fits = y >= 0 && y + height <= picture.height && width <= picture.width;
        if (!fits || taken.some(other => overlap(area, other))) continue;
        taken.push(area);
        return {x: left, y};
      }
    }
    return undefined;
  });
}
