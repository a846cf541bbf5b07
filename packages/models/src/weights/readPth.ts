import {decodeElements} from './elementType.js';
import {boundsProblem, elementCount, readTensor} from './readTensor.js';
import {legacyMagic, readTorchLegacy} from './readTorchLegacy.js';
import {readTorchZip} from './readTorchZip.js';
import {type SourceFile, withSourceFile} from './sourceFile.js';
import {stateDictIn} from './stateDictIn.js';
import type {TorchArchive} from './torchArchive.js';
import {type TorchTensor, torchRules} from './torchPickle.js';
import {unpickle} from './unpickle.js';
import type {WeightsData, WeightsFile} from './weightsFile.js';
import {WeightsFileError} from './weightsFileError.js';

export interface ReadPthOptions {
  /** The name of the dictionary to take, where a checkpoint holds several (`params_ema`); searched for by default. */
  key?: string;
}

/**
 * Reads what `torch.save` wrote (`.pth`, `.pt`, `.th`), in the zip layout or the older one, without Python and without
 * running anything: a pickle may name tensors, storages and dictionaries, and every other name is refused. Sizes are
 * checked against the file before memory is taken.
 *
 * @throws WeightsFileError naming the file, the tensor and what is wrong with it.
 */
export function readPth(path: string, {key}: ReadPthOptions = {}): Promise<WeightsFile> {
  return withSourceFile(path, async file => {
    try {
      const archive = await openArchive(file);
      const {tensors, metadata} = stateDictIn(archive.root, key);
      return {tensors: await readTensors(file, archive, tensors), metadata};
    } catch (error) {
      if (error instanceof WeightsFileError) throw error;
      throw new WeightsFileError(path, `${(error as Error).message}.`, {cause: error});
    }
  });
}

async function openArchive(file: SourceFile): Promise<TorchArchive> {
  const head = await file.read(0, Math.min(file.size, 512), 'the beginning');
  if (head.subarray(0, 2).toString('latin1') === 'PK') return readTorchZip(file);
  if (head.subarray(0, legacyMagic.length).equals(legacyMagic)) return readTorchLegacy(file);
  if (head.subarray(257, 262).toString('latin1') === 'ustar') {
    throw new WeightsFileError(file.path, 'a tar by PyTorch 0.1. Load and save it again in a newer PyTorch.');
  }
  // A bare pickle holds no storages; reading it tells what it asks for, such as os.system, without doing it.
  unpickle(head, torchRules);
  throw new WeightsFileError(file.path, 'a bare pickle. Expected a file by torch.save.');
}

async function readTensors(
  file: SourceFile,
  archive: TorchArchive,
  tensors: Map<string, TorchTensor>,
): Promise<WeightsFile['tensors']> {
  checkSizes(file, tensors);
  const storages = new Map<string, WeightsData>();
  const result: WeightsFile['tensors'] = new Map();
  for (const [name, tensor] of tensors) {
    const {key, type} = tensor.storage;
    const id = `${type} ${key}`;
    try {
      let storage = storages.get(id);
      if (storage === undefined) {
        storage = decodeElements(type, await archive.bytesOf(tensor.storage));
        storages.set(id, storage);
      }
      result.set(name, readTensor(tensor, storage));
    } catch (error) {
      const reason = error instanceof WeightsFileError ? error.reason : `${(error as Error).message}.`;
      throw new WeightsFileError(file.path, reason, {tensor: name, cause: error});
    }
  }
  return result;
}

function checkSizes({path, size}: SourceFile, tensors: Map<string, TorchTensor>): void {
  // Halves double when read and tensors may share a storage, but a file of kilobytes cannot ask for gigabytes.
  const budget = 4 * size + 2 ** 24;
  let total = 0;
  for (const [name, tensor] of tensors) {
    const problem = name === '__proto__' ? 'not a name that a tensor may have' : boundsProblem(tensor);
    if (problem !== undefined) throw new WeightsFileError(path, `${problem}.`, {tensor: name});
    total += 4 * elementCount(tensor.shape);
    if (total > budget) {
      const sizes = `${size} bytes would grow to more than ${budget}`;
      throw new WeightsFileError(
        path,
        `[${tensor.shape}] repeats its storage too often: the file's ${sizes}.`,
        {tensor: name},
      );
    }
  }
}
