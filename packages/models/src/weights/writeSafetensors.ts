// The safetensors format: 8 bytes of header length, a JSON header padded to 8 bytes, then the tensors without gaps.
import type {FileHandle} from 'node:fs/promises';
import type {WeightsFile, WeightsTensor} from './weightsFile.js';
import {WeightsFileError} from './weightsFileError.js';
import {writeFileAtomically} from './writeFileAtomically.js';

const types = {float32: 'F32', int32: 'I32', int64: 'I64', bool: 'BOOL'} as const;

/**
 * Writes tensors and strings as one `.safetensors` file, at once or not at all: when the disk is full or the process is
 * killed, the file that was there before is still there, whole.
 *
 * @param tensors - In the layout the file shall have; wider elements are stored first, so that all are aligned.
 * @param metadata - Stored as the header's `__metadata__`.
 * @throws WeightsFileError if a tensor's data does not fit its shape, or the file cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: WeightsFile['tensors'],
  metadata: WeightsFile['metadata'] = {},
): Promise<void> {
  const chunks: Uint8Array[] = [];
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const [name, tensor] of [...tensors].sort(([, a], [, b]) => width(b) - width(a))) {
    const bytes = encode(path, name, tensor);
    const end = offset + bytes.byteLength;
    header[name] = {dtype: types[tensor.dtype], shape: tensor.shape, data_offsets: [offset, end]};
    chunks.push(bytes);
    offset = end;
  }
  try {
    await writeFileAtomically(path, async file => {
      await writeAll(file, encodeHeader(header));
      for (const chunk of chunks) await writeAll(file, chunk);
    });
  } catch (error) {
    throw new WeightsFileError(path, writeReason(error as NodeJS.ErrnoException), {cause: error});
  }
}

const width = ({dtype, data}: WeightsTensor) => (dtype === 'int64' ? 8 : data.BYTES_PER_ELEMENT);

function encode(path: string, name: string, {dtype, shape, data}: WeightsTensor): Uint8Array {
  const refuse = (reason: string) => new WeightsFileError(path, reason, {tensor: name});
  if (name === '__metadata__' || name === '__proto__') throw refuse('not a name that a tensor may have.');
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length) throw refuse(`shape [${shape}] needs ${count} values, got ${data.length}.`);
  if (dtype !== 'int64') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const unsafe = data.find(value => !Number.isSafeInteger(value));
  if (unsafe !== undefined) throw refuse(`${unsafe} is no whole number below 2^53, as int64 needs.`);
  return new Uint8Array(BigInt64Array.from(data, value => BigInt(value)).buffer);
}

function encodeHeader(header: Record<string, unknown>): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  // Padding with spaces keeps the tensors aligned to 8 bytes.
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded, ' ');
  bytes.writeBigUInt64LE(BigInt(padded));
  json.copy(bytes, 8);
  return bytes;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    // Node and the kernel move less than 2 GiB at once.
    const {bytesWritten} = await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}

function writeReason({code, message}: NodeJS.ErrnoException): string {
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return `no room to write it (${code}). What was there before is untouched; free some space and try again.`;
  }
  if (code === 'ENOENT')
    return 'cannot be written, because its folder does not exist. Make the folder first.';
  return `cannot be written: ${message}.`;
}
