/** About how wide a text is in DejaVu Sans, in pixels. */
export const textWidth = (text: string, size: number): number => text.length * 0.65 * size;
