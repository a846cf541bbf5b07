/** The width of text in DejaVu Sans, in units of its font size; generous, as text that is cut late overlaps. */
const widthOf = (character: string) =>
  /[ijlftI.,:;'!| ()[\]]/.test(character) ? 0.42 : /[mwMW@%—…\u2e80-\uffff]/.test(character) ? 1 : 0.66;

/** The width of text, in units of its font size; a generous guess. */
export const textWidth = (content: string) =>
  [...content].reduce((sum, character) => sum + widthOf(character), 0);

/**
 * Cuts text in its middle to fit `width`, as names differ mostly at their ends.
 *
 * @param width - Units of the font size: pixels / size.
 */
export function shorten(content: string, width: number): string {
  const characters = [...content];
  const total = (list: string[]) => list.reduce((sum, character) => sum + widthOf(character), 0);
  if (total(characters) <= width) return content;
  for (let kept = characters.length - 1; kept > 1; kept--) {
    const tail = Math.floor(kept / 2);
    const shorter = [...characters.slice(0, kept - tail), '…', ...characters.slice(-tail)];
    if (total(shorter) <= width) return shorter.join('');
  }
  return '…';
}
