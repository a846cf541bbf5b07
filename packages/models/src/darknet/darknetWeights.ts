import {endianness} from 'node:os';
import {withSourceFile} from '../weights/sourceFile.js';
import type {WeightsTensor} from '../weights/weightsFile.js';
import {WeightsFileError} from '../weights/weightsFileError.js';
import {writeFileAtomically} from '../weights/writeFileAtomically.js';
import type {DarknetCfg} from './darknetLayer.js';
import {type DarknetTensor, darknetTensors} from './darknetTensors.js';

/** The beginning of a `.weights` file. */
export interface DarknetHeader {
  major: number;
  minor: number;
  revision: number;
  /** Images the network was trained on; 64 bits since version 0.2. */
  seen: bigint;
}

/** A `.weights` file, its numbers under the names of `Darknet`. */
export interface DarknetWeights {
  header: DarknetHeader;
  /** In the order of the file. */
  tensors: Map<string, WeightsTensor>;
}

export interface ReadDarknetWeightsOptions {
  /**
   * Whether the file may end after any layer, as the pretrained stems do that darknet cuts off for training
   * (`darknet53.conv.74`): then the tensors of the layers behind it are missing in the result. @defaultValue false
   */
  partial?: boolean;
}

/**
 * Reads a darknet `.weights` file. It holds nothing but numbers: the `.cfg` says which.
 *
 * @throws WeightsFileError naming the file if it is shorter or longer than the network needs, with both counts.
 */
export async function readDarknetWeights(
  path: string,
  cfg: DarknetCfg,
  {partial = false}: ReadDarknetWeightsOptions = {},
): Promise<DarknetWeights> {
  const bytes = await withSourceFile(path, file => file.read(0, file.size, 'the file'));
  const {header, length} = parseHeader(path, bytes);
  const wanted = fit(path, cfg, bytes.length, length, partial);
  const floats = floatsIn(bytes.subarray(length));
  const tensors = new Map<string, WeightsTensor>();
  let at = 0;
  for (const {name, shape} of wanted) {
    const data = floats.slice(at, (at += count(shape)));
    const turn = shape.length === 2 && isTransposed(header);
    tensors.set(name, {
      dtype: 'float32',
      data: turn ? transposed(data, shape[1], shape[0]) : data,
      shape: [...shape],
    });
  }
  return {header, tensors};
}

/**
 * Writes a darknet `.weights` file, atomically. What {@link readDarknetWeights} read is written back byte by byte.
 *
 * @throws WeightsFileError if a tensor of the network is missing or has another shape, or the file cannot be written.
 */
export async function writeDarknetWeights(
  path: string,
  cfg: DarknetCfg,
  {header, tensors}: DarknetWeights,
): Promise<void> {
  const parts = [headerBytes(header)];
  for (const {name, shape} of darknetTensors(cfg)) {
    const tensor = tensors.get(name);
    if (tensor?.dtype !== 'float32' || String(tensor.shape) !== String(shape)) {
      const got = tensor ? `${tensor.dtype} [${tensor.shape}]` : 'nothing';
      throw new WeightsFileError(path, `expected float32 [${shape}], got ${got}.`, {tensor: name});
    }
    const turn = shape.length === 2 && isTransposed(header);
    parts.push(bytesOf(turn ? transposed(tensor.data, shape[0], shape[1]) : tensor.data));
  }
  await writeFileAtomically(path, file => file.writeFile(Buffer.concat(parts)));
}

/** Of files that are written without one that was read before: version 0.2.5, the one of darknet today. */
export const newHeader = (seen = 0n): DarknetHeader => ({major: 0, minor: 2, revision: 5, seen});

const hasLongSeen = ({major, minor}: Omit<DarknetHeader, 'seen'>) =>
  major * 10 + minor >= 2 && major < 1000 && minor < 1000;

/** The matrices of some early files are `[in, out]`. */
const isTransposed = ({major, minor}: DarknetHeader) => major > 1000 || minor > 1000;

function parseHeader(path: string, bytes: Buffer): {header: DarknetHeader; length: number} {
  const short = () =>
    new WeightsFileError(
      path,
      `a .weights file begins with 16 or 20 bytes of version and counter, but this one has ${bytes.length}. Download it again.`,
    );
  if (bytes.length < 16) throw short();
  const version = {major: bytes.readInt32LE(0), minor: bytes.readInt32LE(4), revision: bytes.readInt32LE(8)};
  if (!hasLongSeen(version)) return {header: {...version, seen: BigInt(bytes.readUInt32LE(12))}, length: 16};
  if (bytes.length < 20) throw short();
  return {header: {...version, seen: bytes.readBigUInt64LE(12)}, length: 20};
}

function headerBytes(header: DarknetHeader): Buffer {
  const long = hasLongSeen(header);
  const bytes = Buffer.alloc(long ? 20 : 16);
  bytes.writeInt32LE(header.major, 0);
  bytes.writeInt32LE(header.minor, 4);
  bytes.writeInt32LE(header.revision, 8);
  if (long) bytes.writeBigUInt64LE(header.seen, 12);
  else bytes.writeUInt32LE(Number(header.seen & 0xffffffffn), 12);
  return bytes;
}

/** The tensors that the file holds. */
function fit(path: string, cfg: DarknetCfg, size: number, header: number, partial: boolean): DarknetTensor[] {
  const wanted = darknetTensors(cfg);
  const bytes = (tensors: readonly DarknetTensor[]) =>
    tensors.reduce((sum, {shape}) => sum + 4 * count(shape), header);
  const expected = bytes(wanted);
  if (size === expected) return wanted;
  if (partial && size < expected) {
    const layer = ({name}: DarknetTensor) => name.split('.', 2).join('.');
    const ends = [...wanted.keys()].filter(end => end === 0 || layer(wanted[end - 1]) !== layer(wanted[end]));
    const end = ends.find(last => bytes(wanted.slice(0, last)) === size);
    if (end !== undefined) return wanted.slice(0, end);
  }
  const difference = Math.abs(size - expected);
  throw new WeightsFileError(
    path,
    `expected ${expected} bytes for the network of ${cfg.file}, got ${size}: ${difference} too ` +
      `${size < expected ? 'few' : 'many'}. ` +
      (size < expected
        ? 'It is cut short, or belongs to another .cfg; stems for training are read with {partial: true}.'
        : 'It belongs to another .cfg.'),
  );
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

function floatsIn(bytes: Buffer): Float32Array {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (endianness() === 'BE') Buffer.from(copy.buffer).swap32();
  return new Float32Array(copy.buffer);
}

function bytesOf(floats: Float32Array): Buffer {
  const bytes = Buffer.from(Float32Array.from(floats).buffer);
  return endianness() === 'BE' ? bytes.swap32() : bytes;
}

/** `[rows, columns]` to `[columns, rows]`. */
function transposed(from: Float32Array, rows: number, columns: number): Float32Array {
  const to = new Float32Array(from.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) to[c * rows + r] = from[r * columns + c];
  }
  return to;
}
