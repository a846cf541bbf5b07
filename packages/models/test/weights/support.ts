import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {crc32} from 'node:zlib';
import type {ExecutionContext} from 'ava';
import {WeightsFileError} from '../../src/weights/weightsFileError.js';

/** A file of `fixtures/golden`. */
export const golden = (name: string) =>
  fileURLToPath(new URL(`../../../../fixtures/golden/${name}`, import.meta.url));

/** A folder that lives as long as the test. */
export async function temporaryFolder(t: ExecutionContext<unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'foveal-weights-'));
  t.teardown(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

/** Writes bytes to a file that lives as long as the test. */
export async function temporaryFile(
  t: ExecutionContext<unknown>,
  name: string,
  bytes: Uint8Array,
): Promise<string> {
  const path = join(await temporaryFolder(t), name);
  await writeFile(path, bytes);
  return path;
}

/** Asserts that reading fails with a WeightsFileError that names the file and says this. */
export async function refuses(
  t: ExecutionContext<unknown>,
  path: string,
  reading: Promise<unknown>,
  message: RegExp,
): Promise<void> {
  const error = await t.throwsAsync(reading, {instanceOf: WeightsFileError, message});
  t.true(error?.message.startsWith(path), 'the message begins with the file');
}

/** A safetensors file with this header and data, right or wrong. */
export function safetensors(
  header: string | Uint8Array,
  data: Uint8Array = new Uint8Array(),
  length?: bigint,
): Buffer {
  const text = Buffer.from(header);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, data]);
}

export interface ZipEntry {
  name: string;
  data: Uint8Array;
  /** What the directory claims, where it differs from the truth. */
  claims?: {size?: number; method?: number; flags?: number; crc32?: number};
}

/** A zip of stored entries, with the directory's claims bent as asked. */
export function zip(entries: ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const {name, data, claims = {}} of entries) {
    const label = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(10, 0);
    fields.writeUInt16LE(claims.flags ?? 0, 2);
    fields.writeUInt16LE(claims.method ?? 0, 4);
    fields.writeUInt32LE(claims.crc32 ?? crc32(data), 10);
    fields.writeUInt32LE(claims.size ?? data.length, 14);
    fields.writeUInt32LE(claims.size ?? data.length, 18);
    fields.writeUInt16LE(label.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, label, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, rest, label]));
    files.push(local);
    at += local.length;
  }
  const tail = Buffer.alloc(22);
  tail.write('PK\x05\x06', 'latin1');
  tail.writeUInt16LE(entries.length, 8);
  tail.writeUInt16LE(entries.length, 10);
  tail.writeUInt32LE(Buffer.concat(directory).length, 12);
  tail.writeUInt32LE(at, 16);
  return Buffer.concat([...files, ...directory, tail]);
}

/** Pieces of a protocol 2 pickle, enough to write what torch writes, and what it never would. */
export const pickle = {
  /** A whole pickle around one value. */
  of: (...parts: Uint8Array[]) => Buffer.concat([Buffer.from([0x80, 2]), ...parts, Buffer.from('.')]),
  text(value: string) {
    const bytes = Buffer.from(value);
    const size = Buffer.alloc(5);
    size[0] = 0x58;
    size.writeUInt32LE(bytes.length, 1);
    return Buffer.concat([size, bytes]);
  },
  number(value: number) {
    const bytes = Buffer.alloc(10);
    bytes.writeUInt16LE(0x088a);
    bytes.writeBigInt64LE(BigInt(value), 2);
    return bytes;
  },
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  tuple: (...items: Uint8Array[]) => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
  dict: (...items: Uint8Array[]) => Buffer.concat([Buffer.from('}('), ...items, Buffer.from('u')]),
  call: (callable: Uint8Array, args: Uint8Array) => Buffer.concat([callable, args, Buffer.from('R')]),
  /** A tensor as torch pickles it. */
  tensor: ({key = '0', storage = 'FloatStorage', count = 4, offset = 0, shape = [4], strides = [1]} = {}) =>
    pickle.call(
      pickle.global('torch._utils', '_rebuild_tensor_v2'),
      pickle.tuple(
        pickle.tuple(
          pickle.text('storage'),
          pickle.global('torch', storage),
          pickle.text(key),
          pickle.text('cpu'),
          pickle.number(count),
        ),
        Buffer.from('Q'),
        pickle.number(offset),
        pickle.tuple(...shape.map(pickle.number)),
        pickle.tuple(...strides.map(pickle.number)),
        Buffer.from([0x89]),
        Buffer.from('}'),
      ),
    ),
};
