import {createReadStream} from 'node:fs';
import {open, stat} from 'node:fs/promises';
import {jsonVerifier} from 'stream-json/utils/verifier.js';
import {DatasetError} from '../datasetError.js';
import {ElementScanner, type ElementVisitors, NoJson} from './elementScanner.js';

/**
 * Walks through a JSON file of any size, holding one list element at a time in memory.
 *
 * @param visitors - By the key of a list in the top object, or `''` for a list at the top; called for each element with
 * its position. Everything else is skipped.
 * @returns how many elements each list had that was there.
 * @throws DatasetError naming the byte at which the file is no JSON, or nested too deeply.
 */
export async function forEachElement(file: string, visitors: ElementVisitors): Promise<Map<string, number>> {
  await checkReadable(file);
  const scanner = new ElementScanner(file, visitors);
  try {
    for await (const chunk of createReadStream(file, {highWaterMark: 2 ** 20})) scanner.take(chunk as Buffer);
    scanner.finish();
  } catch (error) {
    throw error instanceof NoJson ? await locate(file, error) : error;
  }
  if (!scanner.complete) throw await locate(file);
  return scanner.counts;
}

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

/** A value is known to be wrong, not where in it: the verifier reads the file once more. As latin1, characters are bytes. */
async function locate(file: string, failure?: NoJson): Promise<DatasetError> {
  const verify = jsonVerifier();
  let reason = failure?.message ?? 'the file ends too early';
  let offset = failure?.offset ?? (await stat(file)).size;
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
