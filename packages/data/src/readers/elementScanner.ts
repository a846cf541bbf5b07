import {DatasetError} from '../datasetError.js';

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};

/** By the key of a list in the top object, or `''` for a list at the top. */
export type ElementVisitors = Readonly<Record<string, (element: Json, index: number) => void>>;

/** Bytes that are no JSON. */
export class NoJson extends Error {
  /** Where the value begins that is none, or the byte that cannot stand there. */
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** Deeper nesting than any annotation has is refused. */
const maxDepth = 32;

const [quote, backslash, comma, colon] = [...'"\\,:'].map(letter => letter.charCodeAt(0));
const [openObject, closeObject, openArray, closeArray] = [...'{}[]'].map(letter => letter.charCodeAt(0));

/** What a byte means outside of strings: 0 goes on with a number or a word. */
const [space, separator, opens, closes, text] = [1, 2, 3, 4, 5];
const meaning = new Uint8Array(256);
for (const letter of ' \n\r\t') meaning[letter.charCodeAt(0)] = space;
meaning[comma] = meaning[colon] = separator;
meaning[openObject] = meaning[openArray] = opens;
meaning[closeObject] = meaning[closeArray] = closes;
meaning[quote] = text;

/** Leaves out what would be the prototype of whoever copies it. */
const withoutPrototype = (key: string, value: Json) => (key === '__proto__' ? undefined : value);

/** What may come next outside of values; `more` where a comma has come before. */
type Place =
  | 'top'
  | 'key'
  | 'moreKeys'
  | 'colon'
  | 'value'
  | 'keyEnd'
  | 'element'
  | 'moreElements'
  | 'elementEnd'
  | 'end';

/** Finds the elements of lists in the bytes of a JSON file, and parses one at a time. */
export class ElementScanner {
  readonly counts = new Map<string, number>();
  readonly #file: string;
  readonly #visitors: ElementVisitors;
  #place: Place = 'top';
  /** Brackets that are open around the values. */
  #outside = 0;
  #key = '';
  /** Whether the list being walked has a visitor. */
  #visited = false;
  /** Elements so far of the list being walked. */
  #index = 0;
  /** Of the value being read: how many brackets are open, what kind it is, and the bytes of it in chunks before. */
  #depth = 0;
  #reading: 'no' | 'brackets' | 'string' | 'word' = 'no';
  #quoted = false;
  #escaped = false;
  #held: Buffer[] = [];
  /** Bytes in chunks before this one. */
  #before = 0;

  constructor(file: string, visitors: ElementVisitors) {
    this.#file = file;
    this.#visitors = visitors;
  }

  /** Whether the top value has ended. */
  get complete(): boolean {
    return this.#place === 'end' && this.#reading === 'no';
  }

  /** @throws NoJson, or what a visitor throws. */
  take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#reading === 'no') {
        while (at < chunk.length && meaning[chunk[at]] === space) at++;
        if (at === chunk.length) break;
        if (this.#step(chunk[at], this.#before + at)) {
          at++;
          continue;
        }
        this.#begin(chunk[at]);
      }
      const end = this.#endOf(chunk, at);
      if (end < 0) {
        this.#held.push(chunk.subarray(at));
        break;
      }
      this.#value(chunk.subarray(at, end), this.#before + at);
      at = end;
    }
    this.#before += chunk.length;
  }

  /** A number at the top ends with the file. */
  finish(): void {
    if (this.#reading === 'word') this.#value(Buffer.alloc(0), this.#before);
  }

  /** Takes a byte between values. @returns false if a value begins with it. */
  #step(byte: number, offset: number): boolean {
    const place = this.#place;
    const inList = place === 'element' || place === 'moreElements' || place === 'elementEnd';
    if (byte === openArray && (place === 'top' || place === 'value'))
      this.#openList(place === 'top' ? '' : this.#key);
    else if (byte === openObject && place === 'top') {
      this.#outside = 1;
      this.#place = 'key';
    } else if (byte === closeArray && (place === 'element' || place === 'elementEnd')) this.#closeList();
    else if (byte === closeObject && (place === 'key' || place === 'keyEnd')) this.#place = 'end';
    else if (byte === comma && (place === 'elementEnd' || place === 'keyEnd'))
      this.#place = inList ? 'moreElements' : 'moreKeys';
    else if (byte === colon && place === 'colon') this.#place = 'value';
    else {
      const expected = place === 'key' || place === 'moreKeys' ? byte === quote : meaning[byte] !== separator;
      const full = place === 'end' || place === 'colon' || place === 'keyEnd' || place === 'elementEnd';
      if (full || !expected || meaning[byte] === closes) throw new NoJson(offset, 'unexpected character');
      return false;
    }
    return true;
  }

  #openList(name: string): void {
    this.#place = 'element';
    this.#outside++;
    this.#index = 0;
    this.#visited = Object.hasOwn(this.#visitors, name);
    if (!this.#visited) return;
    if (this.counts.has(name)) throw new DatasetError(this.#file, `has "${name}" twice.`);
    this.#key = name;
    this.counts.set(name, 0);
  }

  #closeList(): void {
    if (this.#visited) this.counts.set(this.#key, this.#index);
    this.#place = --this.#outside > 0 ? 'keyEnd' : 'end';
  }

  #begin(byte: number): void {
    const kind = meaning[byte];
    this.#reading = kind === opens ? 'brackets' : kind === text ? 'string' : 'word';
    this.#depth = 0;
    this.#quoted = false;
  }

  /** @returns the first byte behind the value being read; -1 if it goes on behind the chunk. */
  #endOf(chunk: Buffer, from: number): number {
    let [at, depth, quoted] = [from, this.#depth, this.#quoted];
    const whole = this.#reading;
    const limit = maxDepth - this.#outside;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (quoted) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) {
          quoted = false;
          if (whole === 'string') return at + 1;
        }
        continue;
      }
      const kind = meaning[byte];
      if (kind === 0) continue;
      if (whole === 'word') return at;
      if (kind === text) quoted = true;
      else if (kind === opens) {
        if (++depth > limit) this.#tooDeep();
      } else if (kind === closes && --depth === 0) return at + 1;
    }
    this.#depth = depth;
    this.#quoted = quoted;
    return -1;
  }

  #tooDeep(): never {
    const place = this.#visited && this.#place !== 'value' ? ` at ${this.#key}[${this.#index}]` : '';
    throw new DatasetError(this.#file, `nested more than ${maxDepth} levels deep${place}.`);
  }

  #value(bytes: Buffer, end: number): void {
    const all = this.#held.length > 0 ? Buffer.concat([...this.#held, bytes]) : bytes;
    this.#held = [];
    this.#reading = 'no';
    let value: Json;
    try {
      value = all.includes('"__proto__"')
        ? JSON.parse(all.toString(), withoutPrototype)
        : JSON.parse(all.toString());
    } catch (error) {
      throw new NoJson(end + bytes.length - all.length, (error as Error).message);
    }
    switch (this.#place) {
      case 'key':
      case 'moreKeys':
        this.#key = value as string;
        this.#place = 'colon';
        return;
      case 'value':
        this.#place = 'keyEnd';
        return;
      case 'top':
        this.#place = 'end';
        return;
      default:
        this.#place = 'elementEnd';
        if (this.#visited) this.#visitors[this.#key](value, this.#index);
        this.#index++;
    }
  }
}
