import {createReadStream} from 'node:fs';
import {open, stat} from 'node:fs/promises';
import {jsonParser, type Token} from 'stream-json/parser.js';
import {jsonVerifier} from 'stream-json/utils/verifier.js';
import {DatasetError} from '../datasetError.js';

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};

/** Deeper nesting than any annotation has is refused. */
const maxDepth = 32;

/**
 * Walks through a JSON file of any size, holding one list element at a time in memory.
 *
 * @param visitors - By the key of a list in the top object, or `''` for a list at the top; called for each element with
 * its position. Everything else is skipped.
 * @returns how many elements each list had that was there.
 * @throws DatasetError naming the byte at which the file is no JSON, or nested too deeply.
 */
export async function forEachElement(
  file: string,
  visitors: Readonly<Record<string, (element: Json, index: number) => void>>,
): Promise<Map<string, number>> {
  await checkReadable(file);
  const assembler = new ElementAssembler(file, visitors);
  const parse = jsonParser({streamValues: false});
  let failure: Error | undefined;
  for await (const text of createReadStream(file, {encoding: 'utf8', highWaterMark: 2 ** 18})) {
    let tokens: readonly Token[] = [];
    try {
      const parsed: unknown = parse(text);
      if (isMany(parsed)) tokens = parsed.values;
    } catch (error) {
      failure = error as Error;
      break;
    }
    for (const token of tokens) assembler.take(token);
  }
  if (failure || !assembler.complete) throw await locate(file, failure);
  return assembler.counts;
}

const isMany = (parsed: unknown): parsed is {values: readonly Token[]} =>
  typeof parsed === 'object' && parsed !== null && 'values' in parsed;

async function checkReadable(file: string): Promise<void> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    const reason =
      cause.code === 'ENOENT' ? 'no such file. Check the path.' : `cannot be read: ${cause.message}.`;
    throw new DatasetError(file, reason, {cause});
  });
  if (!found.isFile()) {
    throw new DatasetError(
      file,
      `expected a JSON file, got a ${found.isDirectory() ? 'folder' : 'pipe or device'}.`,
    );
  }
  const start = await bytesAt(file, 0, 3).catch((cause: Error) => {
    throw new DatasetError(file, `cannot be read: ${cause.message}.`, {cause});
  });
  const mark = ['efbbbf', 'fffe', 'feff'].find(bytes => start.toString('hex').startsWith(bytes));
  if (mark) {
    throw new DatasetError(
      file,
      'byte 0: a byte-order mark, which JSON must not have. Save it as plain UTF-8.',
    );
  }
}

/** The parser tells what, not where: the verifier reads the file once more. As latin1, characters are bytes. */
async function locate(file: string, failure: Error | undefined): Promise<DatasetError> {
  const verify = jsonVerifier();
  let reason = failure?.message ?? 'the file ends too early';
  let offset = (await stat(file)).size;
  let line = 0;
  try {
    for await (const text of createReadStream(file, {encoding: 'latin1'})) verify(text);
  } catch (error) {
    if (!isLocated(error)) throw error;
    ({offset, line} = error);
    reason = error.message.replace(/^.*?: /, '').replace(/^(Parser|Verifier) (cannot parse input: )?/, '');
  }
  const found = (await bytesAt(file, offset, 24)).toString('latin1').replaceAll(/[^\x20-\x7e]+/g, ' ');
  const place = `byte ${offset}${line > 0 ? ` (line ${line})` : ''}`;
  if (found.trim() === '') return new DatasetError(file, `${place}: the file is cut short. Copy it anew.`);
  return new DatasetError(file, `${place}: no valid JSON, ${reason}, found ${JSON.stringify(found)}.`);
}

const isLocated = (error: unknown): error is Error & {offset: number; line: number} =>
  error instanceof Error && 'offset' in error && 'line' in error;

async function bytesAt(file: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Puts tokens together to the elements that a visitor wants. */
class ElementAssembler {
  /** Whether the top value has ended. */
  complete = false;
  readonly counts = new Map<string, number>();
  readonly #file: string;
  readonly #visitors: Readonly<Record<string, (element: Json, index: number) => void>>;
  readonly #open: (Json[] | {[key: string]: Json})[] = [];
  /** The key that waits for its value, in each open object. */
  readonly #keys: string[] = [];
  #depth = 0;
  /** The key of the list being walked, and the depth at which its elements stand. */
  #list: string | undefined;
  #elementDepth = 0;
  #topKey = '';

  constructor(file: string, visitors: Readonly<Record<string, (element: Json, index: number) => void>>) {
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
