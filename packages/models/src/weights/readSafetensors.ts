// The safetensors format: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps.
import {duplicateKey} from './duplicateKey.js';
import {decodeElements, type ElementType, elementSizes} from './elementType.js';
import {type SourceFile, withSourceFile} from './sourceFile.js';
import type {WeightsFile} from './weightsFile.js';
import {WeightsFileError} from './weightsFileError.js';

/** The format's own limit on its header, in bytes. */
export const safetensorsHeaderLimit = 100_000_000;

interface Entry {
  name: string;
  type: ElementType;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Reads a `.safetensors` file. Everything in the header is checked before memory is taken for a tensor: lengths against
 * the size of the file, shapes against byte counts, and that the tensors fill the file without overlap or gap.
 *
 * @returns Tensors in the order of the file.
 * @throws WeightsFileError naming the file, the tensor and what is wrong with it.
 */
export function readSafetensors(path: string): Promise<WeightsFile> {
  return withSourceFile(path, async file => {
    const {header, dataStart} = await readHeader(file);
    const {entries, metadata} = parseHeader(header, file);
    checkTiling(entries, file.size - dataStart, file);
    const tensors: WeightsFile['tensors'] = new Map();
    for (const {name, type, shape, begin, end} of entries) {
      const bytes = await file.read(dataStart + begin, end - begin, `tensor ${JSON.stringify(name)}`);
      try {
        tensors.set(name, {...decodeElements(type, bytes), shape});
      } catch (error) {
        throw new WeightsFileError(path, `${(error as Error).message}.`, {tensor: name, cause: error});
      }
    }
    return {tensors, metadata};
  });
}

async function readHeader(file: SourceFile): Promise<{header: string; dataStart: number}> {
  const length = (await file.read(0, 8, 'the header length of a safetensors file')).readBigUInt64LE();
  if (length > safetensorsHeaderLimit || length > file.size - 8) {
    throw new WeightsFileError(
      file.path,
      `the header claims ${length} bytes; the file has ${file.size} and the format allows ${safetensorsHeaderLimit}. ` +
        'It is cut short, or no safetensors file.',
    );
  }
  const bytes = await file.read(8, Number(length), 'the header');
  try {
    return {header: new TextDecoder('utf-8', {fatal: true}).decode(bytes), dataStart: 8 + bytes.length};
  } catch (cause) {
    throw new WeightsFileError(file.path, 'the header is not UTF-8: corrupt, or no safetensors file.', {
      cause,
    });
  }
}

function parseHeader(
  header: string,
  {path}: SourceFile,
): {entries: Entry[]; metadata: Record<string, string>} {
  let parsed: unknown;
  try {
    parsed = JSON.parse(header);
  } catch (cause) {
    throw new WeightsFileError(path, `the header is not JSON: ${(cause as Error).message}.`, {cause});
  }
  if (!isRecord(parsed)) throw new WeightsFileError(path, 'the header must be a JSON object of tensors.');
  const twice = duplicateKey(header);
  if (twice !== undefined) throw new WeightsFileError(path, 'the header names it twice.', {tensor: twice});

  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    if (name === '__metadata__') metadata = parseMetadata(value, path);
    else entries.push(parseEntry(name, value, path));
  }
  return {entries, metadata};
}

function parseMetadata(value: unknown, path: string): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every(text => typeof text === 'string')) {
    throw new WeightsFileError(path, '__metadata__ must map strings to strings.');
  }
  if (Object.hasOwn(value, '__proto__'))
    throw new WeightsFileError(path, '__metadata__ may not hold a key __proto__.');
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, path: string): Entry {
  const refuse = (reason: string) => new WeightsFileError(path, reason, {tensor: name});
  if (name === '__proto__') throw refuse('not a name that a tensor may have.');
  if (!isRecord(value)) throw refuse('its entry must be an object with dtype, shape and data_offsets.');
  const {dtype, shape, data_offsets: offsets} = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(elementSizes, dtype)) {
    const known = Object.keys(elementSizes).join(', ');
    throw refuse(`dtype ${JSON.stringify(dtype)?.slice(0, 80)} is not supported; expected one of ${known}.`);
  }
  if (!isSizes(shape))
    throw refuse(`shape must list whole numbers from 0 up, got ${JSON.stringify(shape)?.slice(0, 80)}.`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw refuse(`data_offsets must be [begin, end], got ${JSON.stringify(offsets)?.slice(0, 80)}.`);
  }
  const [begin, end] = offsets;
  const type = dtype as ElementType;
  const expected = shape.reduce((product, size) => product * size, elementSizes[type]);
  if (expected !== end - begin) {
    throw refuse(
      `${type} [${shape.slice(0, 8)}] takes ${expected} bytes, but its data_offsets hold ${end - begin}.`,
    );
  }
  return {name, type, shape, begin, end};
}

function checkTiling(entries: Entry[], available: number, {path}: SourceFile): void {
  let filled = 0;
  for (const {name, begin, end} of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const refuse = (reason: string) => new WeightsFileError(path, reason, {tensor: name});
    if (end > available)
      throw refuse(`ends at byte ${end}, but the file holds ${available} bytes of data: it is cut short.`);
    if (begin < filled)
      throw refuse(`begins at byte ${begin}, inside the tensor before it, which ends at ${filled}.`);
    if (begin > filled) throw refuse(`begins at byte ${begin}, leaving a hole after byte ${filled}.`);
    filled = end;
  }
  if (filled < available) {
    throw new WeightsFileError(
      path,
      `${available - filled} bytes follow the last tensor; the format allows none.`,
    );
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every(size => Number.isSafeInteger(size) && size >= 0);
