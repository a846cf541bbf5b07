// torch.save before PyTorch 1.6 (torchvision's VGG, most `.th` files): five pickles in a row, then the storages, each
// a 64-bit count and its elements.
import {elementSizes} from './elementType.js';
import type {PickleValue} from './pickleValue.js';
import type {SourceFile} from './sourceFile.js';
import {pickleLimit, type TorchArchive} from './torchArchive.js';
import {type TorchStorage, torchRules} from './torchPickle.js';
import {type PickleRules, unpickle} from './unpickle.js';
import {WeightsFileError} from './weightsFileError.js';

/** The first pickle of the layout: torch's magic number, 0x1950a86a20f9469cfc6c, in protocol 2. */
export const legacyMagic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');

/** Opens the legacy layout. @throws WeightsFileError or PickleError. */
export async function readTorchLegacy(file: SourceFile): Promise<TorchArchive> {
  const refuse = (reason: string) => new WeightsFileError(file.path, reason);
  const head = await file.read(0, Math.min(file.size, pickleLimit), 'the pickles');
  const storages = new Map<string, TorchStorage>();
  const rules: PickleRules = {
    ...torchRules,
    persistent(id) {
      const storage = torchRules.persistent(id) as TorchStorage;
      storages.set(storage.key, storages.get(storage.key) ?? storage);
      return storage;
    },
  };
  let at = legacyMagic.length;
  const next = (): PickleValue => {
    const {value, end} = unpickle(head, rules, at);
    at = end;
    return value;
  };
  const protocol = next();
  if (protocol !== 1001)
    throw refuse("the protocol of torch's legacy layout is not 1001, the only one there is.");
  const system = next();
  if (system instanceof Map && system.get('little_endian') === false)
    throw refuse('big-endian data is not supported.');
  const root = next();
  const keys = next();
  if (!Array.isArray(keys)) throw refuse('the list of storages is missing.');
  const places = await findStorages(file, keys, storages, at);
  return {
    root,
    async bytesOf({key, type, count}) {
      const start = places.get(key);
      if (start === undefined) throw refuse(`the storage ${JSON.stringify(key)} is missing.`);
      return file.read(start, count * elementSizes[type], `the storage ${JSON.stringify(key)}`);
    },
  };
}

async function findStorages(
  file: SourceFile,
  keys: PickleValue[],
  storages: Map<string, TorchStorage>,
  start: number,
): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  let at = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined)
      throw new WeightsFileError(file.path, 'a storage that no tensor uses: the file is corrupt.');
    const what = `the storage ${JSON.stringify(storage.key)}`;
    const count = (await file.read(at, 8, what)).readBigInt64LE();
    if (count !== BigInt(storage.count)) {
      throw new WeightsFileError(
        file.path,
        `${what} holds ${count} elements, but ${storage.count} are claimed.`,
      );
    }
    places.set(storage.key, at + 8);
    at += 8 + storage.count * elementSizes[storage.type];
    if (at > file.size)
      throw new WeightsFileError(
        file.path,
        `${what} ends at byte ${at}, but the file has ${file.size}: it is cut short.`,
      );
  }
  return places;
}
