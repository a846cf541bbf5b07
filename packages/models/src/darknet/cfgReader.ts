import {nearestName} from '@foveal/core';
import {CfgError} from './cfgError.js';
import type {CfgSection} from './cfgSections.js';

/** What a number may be. */
export interface NumberRule {
  /** Taken where the key is missing; without it, the key must be there. */
  otherwise?: number;
  least?: number;
}

/** Takes the options of one section one by one; {@link CfgReader.done} tells what nobody asked for. */
export class CfgReader {
  readonly type: string;
  readonly line: number;
  readonly #file: string;
  readonly #options: CfgSection['options'];
  readonly #known = new Set<string>();

  constructor({type, line, options}: CfgSection, file: string) {
    this.type = type;
    this.line = line;
    this.#options = options;
    this.#file = file;
  }

  has(key: string): boolean {
    this.#known.add(key);
    return this.#options.has(key);
  }

  /** A whole number. */
  integer(key: string, {otherwise, least = 0}: NumberRule = {}): number {
    const value = this.number(key, {...(otherwise !== undefined && {otherwise}), least});
    if (Number.isInteger(value)) return value;
    throw this.error(`${key} must be a whole number, got ${value}.`, key);
  }

  number(key: string, {otherwise, least = -Infinity}: NumberRule = {}): number {
    const text = this.#text(key);
    if (text === undefined) {
      if (otherwise !== undefined) return otherwise;
      throw this.error(`${key} is missing. Add ${key} = a number.`);
    }
    const value = parse(text);
    if (value >= least) return value;
    const bound = least === -Infinity ? '' : ` of ${least} or more`;
    throw this.error(`${key} must be a number${bound}, got ${JSON.stringify(text)}.`, key);
  }

  /** Numbers with commas between them; none if the key is missing. */
  numbers(key: string): number[] {
    const text = this.#text(key);
    if (text === undefined) return [];
    // Darknet's own files end some lists with a comma.
    const values = text.replace(/,\s*$/, '').split(',').map(parse);
    if (values.every(value => !Number.isNaN(value))) return values;
    throw this.error(`${key} must be numbers with commas between them, got ${JSON.stringify(text)}.`, key);
  }

  /** `1` or `0`. */
  flag(key: string, otherwise = false): boolean {
    return this.number(key, {otherwise: otherwise ? 1 : 0}) !== 0;
  }

  choice<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
    const text = this.#text(key);
    if (text === undefined) return otherwise;
    const found = choices.find(choice => choice === text.toLowerCase());
    if (found !== undefined) return found;
    throw this.error(`${key} must be one of ${choices.join(', ')}; got ${text}.${hint(text, choices)}`, key);
  }

  /** Keys that darknet knows and that change nothing here. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#known.add(key);
  }

  /** @throws CfgError if there is a key that was not asked for. */
  done(): void {
    for (const key of this.#options.keys()) {
      if (this.#known.has(key)) continue;
      throw this.error(`unknown key ${key} in [${this.type}].${hint(key, [...this.#known])}`, key);
    }
  }

  /** An error at a key of this section, or at its head. */
  error(reason: string, key?: string): CfgError {
    const line = (key === undefined ? undefined : this.#options.get(key)?.line) ?? this.line;
    return new CfgError(this.#file, line, line === this.line ? `[${this.type}]: ${reason}` : reason);
  }

  #text(key: string): string | undefined {
    this.#known.add(key);
    const value = this.#options.get(key)?.value;
    return value === '' ? undefined : value;
  }
}

const parse = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

/** ` Did you mean …?`, or nothing. */
export function hint(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
}
