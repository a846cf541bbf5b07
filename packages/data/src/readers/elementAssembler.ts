import type {Token} from 'stream-json/parser.js';
import {DatasetError} from '../datasetError.js';

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};

/** By the key of a list in the top object, or `''` for a list at the top. */
export type ElementVisitors = Readonly<Record<string, (element: Json, index: number) => void>>;

/** Deeper nesting than any annotation has is refused. */
const maxDepth = 32;

/** Puts tokens together to the elements that a visitor wants. */
export class ElementAssembler {
  /** Whether the top value has ended. */
  complete = false;
  readonly counts = new Map<string, number>();
  readonly #file: string;
  readonly #visitors: ElementVisitors;
  readonly #open: (Json[] | {[key: string]: Json})[] = [];
  /** The key that waits for its value, in each open object. */
  readonly #keys: string[] = [];
  #depth = 0;
  /** The key of the list being walked, and the depth at which its elements stand. */
  #list: string | undefined;
  #elementDepth = 0;
  #topKey = '';

  constructor(file: string, visitors: ElementVisitors) {
    this.#file = file;
    this.#visitors = visitors;
  }

  take(token: Token): void {
    switch (token.name) {
      case 'startObject':
      case 'startArray':
        this.#start(token.name === 'startArray');
        return;
      case 'endObject':
      case 'endArray':
        this.#end();
        return;
      case 'keyValue':
        if (this.#depth === 1) this.#topKey = token.value;
        this.#keys[this.#depth] = token.value;
        return;
      case 'numberValue':
        this.#value(Number(token.value));
        return;
      case 'stringValue':
      case 'nullValue':
      case 'trueValue':
      case 'falseValue':
        this.#value(token.value);
    }
  }

  #start(array: boolean): void {
    this.#depth++;
    if (this.#depth > maxDepth) {
      throw new DatasetError(this.#file, `nested more than ${maxDepth} levels deep${this.#where()}.`);
    }
    if (this.#list !== undefined) {
      this.#open.push(array ? [] : {});
      return;
    }
    const top = this.#depth === 1 && array;
    const inObject = this.#depth === 2 && array && this.#topKey !== '';
    if (!top && !inObject) return;
    const name = top ? '' : this.#topKey;
    if (!Object.hasOwn(this.#visitors, name)) return;
    if (this.counts.has(name)) throw new DatasetError(this.#file, `has "${name}" twice.`);
    this.#list = name;
    this.#elementDepth = this.#depth;
    this.counts.set(name, 0);
  }

  #end(): void {
    this.#depth--;
    if (this.#depth === 0) this.complete = true;
    if (this.#list === undefined) return;
    const ended = this.#open.pop();
    if (ended === undefined) this.#list = undefined;
    else this.#value(ended);
  }

  #value(value: Json): void {
    if (this.#list === undefined) {
      if (this.#depth === 0) this.complete = true;
      return;
    }
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      const index = this.counts.get(this.#list) ?? 0;
      this.counts.set(this.#list, index + 1);
      this.#visitors[this.#list](value, index);
    } else if (Array.isArray(parent)) parent.push(value);
    else {
      const key = this.#keys[this.#elementDepth + this.#open.length];
      if (key !== '__proto__') parent[key] = value;
    }
  }

  #where(): string {
    return this.#list === undefined ? '' : ` at ${this.#list}[${this.counts.get(this.#list)}]`;
  }
}
