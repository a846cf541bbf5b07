/**
 * A darknet .cfg with its heads changed for another number of categories: `classes` of each head, and `filters` of the
 * layer before it. A text whose heads have that number already stays as it is.
 *
 * @param text - Of the .cfg. Sections that are no heads stay as they are.
 */
export function cfgForCategories(text: string, categories: number): string {
  const sections = text.split(/^(?=[ \t]*\[)/m);
  sections.forEach((section, i) => {
    const type = /^[ \t]*\[(\w+)\]/.exec(section)?.[1];
    if (type !== 'yolo' && type !== 'region') return;
    if (readValue(section, 'classes') === String(categories)) return;
    sections[i] = withValue(section, 'classes', categories);
    if (i === 0) return;
    const boxes = boxesOf(section, type);
    const coordinates = Number(readValue(section, 'coords') ?? 4);
    sections[i - 1] = withValue(sections[i - 1], 'filters', boxes * (coordinates + 1 + categories));
  });
  return sections.join('');
}

/** How many boxes a head predicts at each place. */
function boxesOf(section: string, type: 'yolo' | 'region'): number {
  const mask = type === 'yolo' ? readValue(section, 'mask') : undefined;
  return mask === undefined ? Number(readValue(section, 'num') ?? 1) : mask.split(',').length;
}

const line = (key: string) =>
  new RegExp(`^([ \\t]*${key}[ \\t]*=[ \\t]*)([^#;\\r\\n]*?)([ \\t]*(?:[#;].*)?)$`, 'm');

const readValue = (section: string, key: string): string | undefined => line(key).exec(section)?.[2];

function withValue(section: string, key: string, value: number): string {
  if (line(key).test(section)) return section.replace(line(key), `$1${value}$3`);
  return section.replace(/^([ \t]*\[\w+\][^\n]*\n)/, `$1${key}=${value}\n`);
}
