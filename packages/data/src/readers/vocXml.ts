// Annotations of Pascal VOC: Everingham et al., "The Pascal Visual Object Classes Challenge", IJCV 2010.
import {XMLParser, XMLValidator} from 'fast-xml-parser';
import type {Box} from '../annotations/boxRule.js';

export interface VocObject {
  name: string;
  /** `line 12 (object 3)` */
  place: string;
  /** `[xmin, ymin, xmax, ymax]` as they are written; not finite where a number is wrong. */
  corners: Box;
  difficult: boolean;
}

export interface VocAnnotation {
  /** The image's `[width, height]`, if they are there. */
  size?: [number, number];
  objects: VocObject[];
  /** What is wrong with objects that are not in the list. */
  faults: {place: string; reason: string}[];
}

// Entities of the file's own are never expanded, and nothing is ever fetched.
const parser = new XMLParser({
  processEntities: false,
  parseTagValue: false,
  captureMetaData: true,
  isArray: name => name === 'object',
});
const newline = 10;
const metadata = XMLParser.getMetaDataSymbol() as symbol;

/** @throws Error whose message says what is wrong, and on which line. */
export function parseVocXml(text: string): VocAnnotation {
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`line ${valid.err.line}: ${valid.err.msg.slice(0, 200)}`);
  const document: unknown = parser.parse(text);
  const root = child(document, 'annotation');
  if (root === undefined) throw new Error('expected an <annotation>.');
  const annotation: VocAnnotation = {objects: [], faults: []};
  const [width, height] = ['width', 'height'].map(side => Number(textOf(child(root, 'size'), side)));
  // Some tools write 0 for a size they do not know.
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)
    annotation.size = [width, height];

  const lineOf = lineCounter(text);
  const objects = child(root, 'object');
  for (const [i, object] of (Array.isArray(objects) ? objects : []).entries()) {
    const place = `line ${lineOf(object)} (object ${i})`;
    const name = textOf(object, 'name');
    const box = child(object, 'bndbox');
    const missing = ['xmin', 'ymin', 'xmax', 'ymax'].filter(side => textOf(box, side) === undefined);
    if (name === undefined || name === '') annotation.faults.push({place, reason: 'has no <name>.'});
    else if (missing.length === 4) annotation.faults.push({place, reason: 'has no <bndbox>.'});
    else if (missing.length > 0) {
      annotation.faults.push({
        place,
        reason: `its <bndbox> has no ${missing.map(side => `<${side}>`).join(', ')}.`,
      });
    } else {
      const at = (side: string) => number(textOf(box, side));
      annotation.objects.push({
        name,
        place,
        corners: [at('xmin'), at('ymin'), at('xmax'), at('ymax')],
        difficult: textOf(object, 'difficult') === '1',
      });
    }
  }
  return annotation;
}

function child(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : undefined;
}

function textOf(node: unknown, name: string): string | undefined {
  const value = child(node, name);
  const found = typeof value === 'object' ? child(value, '#text') : value;
  return typeof found === 'string' ? decodeEntities(found.trim()) : undefined;
}

/** An empty text is no number. */
const number = (text: string | undefined) => (text ? Number(text) : Number.NaN);

const predefined: Readonly<Record<string, string>> = {lt: '<', gt: '>', amp: '&', quot: '"', apos: "'"};

/** The five entities that XML itself defines, and characters by number; all others stay as they are written. */
function decodeEntities(text: string): string {
  return text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (whole, name, decimal, hex) => {
      if (name) return predefined[String(name).toLowerCase()];
      const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Counts the lines up to each object; objects come in their order. */
function lineCounter(text: string): (node: unknown) => number {
  let at = 0;
  let line = 1;
  return node => {
    const found = typeof node === 'object' && node !== null ? Reflect.get(node, metadata) : undefined;
    const start = child(found, 'startIndex');
    for (const end = typeof start === 'number' ? start : at; at < end; at++) {
      if (text.charCodeAt(at) === newline) line++;
    }
    return line;
  };
}
