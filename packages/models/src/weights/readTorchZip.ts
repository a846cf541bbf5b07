// torch.save since PyTorch 1.6: a zip of stored entries, `<name>/data.pkl` and `<name>/data/<storage key>`.
import {crc32} from 'node:zlib';
import {type Entry, fromRandomAccessReaderPromise, RandomAccessReader} from 'yauzl';
import {elementSizes} from './elementType.js';
import type {SourceFile} from './sourceFile.js';
import {pickleLimit, type TorchArchive} from './torchArchive.js';
import {torchRules} from './torchPickle.js';
import {unpickle} from './unpickle.js';
import {WeightsFileError} from './weightsFileError.js';

// One storage is one entry, and no network has this many parameters.
const entryLimit = 200_000;

/** Opens the zip layout. @throws WeightsFileError, PickleError, or yauzl's own Error for a damaged zip. */
export async function readTorchZip(file: SourceFile): Promise<TorchArchive> {
  const entries = await listEntries(file);
  const pickleName = [...entries.keys()].find(name => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) {
    throw new WeightsFileError(file.path, 'a zip without data.pkl: not written by torch.save.');
  }
  const folder = pickleName.slice(0, -'data.pkl'.length);
  if ([...entries.keys()].some(name => name.startsWith(`${folder}code/`))) {
    throw new WeightsFileError(
      file.path,
      'a TorchScript program, not weights. Save its state_dict() instead.',
    );
  }
  await refuseBigEndian(file, entries.get(`${folder}byteorder`));

  const pickleEntry = entries.get(pickleName)!;
  if (pickleEntry.uncompressedSize > pickleLimit) {
    const sizes = `${pickleEntry.uncompressedSize} bytes; expected at most ${pickleLimit}`;
    throw new WeightsFileError(file.path, `data.pkl has ${sizes}.`);
  }
  return {
    root: unpickle(await readEntry(file, pickleEntry), torchRules).value,
    async bytesOf({key, type, count}) {
      const name = `${folder}data/${key}`;
      const entry = entries.get(name);
      if (entry === undefined)
        throw new WeightsFileError(file.path, `the entry ${JSON.stringify(name)} is missing.`);
      const claimed = count * elementSizes[type];
      if (entry.uncompressedSize !== claimed) {
        const sizes = `has ${entry.uncompressedSize} bytes, but ${claimed} are claimed`;
        throw new WeightsFileError(file.path, `the entry ${JSON.stringify(name)} ${sizes}.`);
      }
      return readEntry(file, entry);
    },
  };
}

interface StoredEntry {
  name: string;
  start: number;
  uncompressedSize: number;
  crc32: number;
}

async function listEntries(file: SourceFile): Promise<Map<string, StoredEntry>> {
  const zip = await fromRandomAccessReaderPromise(new BoundedReader(file), file.size, {
    lazyEntries: true,
    autoClose: false,
    validateEntrySizes: false, // checkStored says it in our words
  });
  const refuse = (reason: string) => new WeightsFileError(file.path, reason);
  if (zip.entryCount > entryLimit) throw refuse(`${zip.entryCount} entries; expected at most ${entryLimit}.`);
  const entries = new Map<string, StoredEntry>();
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName;
    checkStored(entry, file);
    if (entries.has(name)) throw refuse(`two entries are named ${JSON.stringify(name)}.`);
    // Entries that share bytes would let a small file claim any amount of memory.
    total += entry.uncompressedSize;
    if (total > file.size) throw refuse(`its entries claim more than the file's ${file.size} bytes.`);
    const {fileDataStart: start} = await zip.readLocalFileHeaderPromise(entry, {minimal: true});
    entries.set(name, {name, start, uncompressedSize: entry.uncompressedSize, crc32: entry.crc32});
  }
  return entries;
}

/** yauzl's own reader throws outside of any promise, and so ends the process, when a damaged zip points far away. */
class BoundedReader extends RandomAccessReader {
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#file.read(position, length, 'the directory of the zip').then(
      bytes => {
        bytes.copy(buffer, offset);
        callback(null);
      },
      (error: Error) => callback(error),
    );
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}

function checkStored(entry: Entry, {path}: SourceFile): void {
  const refuse = (reason: string) =>
    new WeightsFileError(path, `the entry ${JSON.stringify(entry.fileName.slice(0, 80))} ${reason}.`);
  if (entry.isEncrypted()) throw refuse('is encrypted');
  if (entry.compressionMethod !== 0 || entry.compressedSize !== entry.uncompressedSize) {
    throw refuse('is compressed, which torch.save never does. Unpack the zip and pack it with `zip -0`');
  }
}

async function refuseBigEndian(file: SourceFile, entry: StoredEntry | undefined): Promise<void> {
  if (entry === undefined || entry.uncompressedSize > 16) return;
  const order = (await readEntry(file, entry)).toString('latin1');
  if (order !== 'little')
    throw new WeightsFileError(file.path, `byte order ${JSON.stringify(order)} is not supported.`);
}

async function readEntry(file: SourceFile, entry: StoredEntry): Promise<Buffer> {
  const what = `the entry ${JSON.stringify(entry.name)}`;
  const bytes = await file.read(entry.start, entry.uncompressedSize, what);
  // torch can be told to leave the checksums out; then they are zero.
  if (entry.crc32 !== 0 && crc32(bytes) !== entry.crc32) {
    throw new WeightsFileError(file.path, `${what} does not match its checksum: the file is damaged.`);
  }
  return bytes;
}
