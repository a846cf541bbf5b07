import type {PickleValue} from './pickleValue.js';
import type {TorchStorage} from './torchPickle.js';

/** Both layouts of torch.save come down to this. */
export interface TorchArchive {
  /** The object that was saved, its storages still references. */
  root: PickleValue;
  /** The bytes of a storage, exactly as many as it claims. */
  bytesOf(storage: TorchStorage): Promise<Uint8Array>;
}

/** The largest pickle that is read, in bytes: it holds names and shapes only; ResNet-152's takes 100 kB. */
export const pickleLimit = 64 * 2 ** 20;
