import type {ElementType} from './elementType.js';
import {type PickleDict, PickleGlobal, PickleObject, PickleTuple, type PickleValue} from './pickleValue.js';
import type {PickleRules} from './unpickle.js';

/** A torch storage that a pickle refers to: a flat array that lies elsewhere in the file. */
export class TorchStorage extends PickleObject {
  readonly kind = 'storage';
  readonly key: string;
  readonly type: ElementType;
  /** Elements. */
  readonly count: number;
  /** Where a view on it begins, in elements (older files only). */
  readonly offset: number;

  constructor(key: string, type: ElementType, count: number, offset: number) {
    super();
    this.key = key;
    this.type = type;
    this.count = count;
    this.offset = offset;
  }
}

/** A torch tensor that a pickle describes: a strided window on a storage. All numbers are whole and not negative. */
export class TorchTensor extends PickleObject {
  readonly kind = 'tensor';
  readonly storage: TorchStorage;
  /** The first element, counted in the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Elements from one index to the next, for each axis. */
  readonly strides: readonly number[];

  constructor(storage: TorchStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    super();
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

const storageTypes = new Map<string, ElementType>([
  ['Double', 'F64'],
  ['Float', 'F32'],
  ['Half', 'F16'],
  ['BFloat16', 'BF16'],
  ['Long', 'I64'],
  ['Int', 'I32'],
  ['Short', 'I16'],
  ['Char', 'I8'],
  ['Byte', 'U8'],
  ['Bool', 'BOOL'],
]);

const callables = new Map<string, (args: readonly PickleValue[]) => PickleValue>([
  ['collections.OrderedDict', orderedDict],
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch.nn.parameter.Parameter', rebuildParameter],
  ['torch.Size', ([sizes]) => sizes],
  ['torch.device', ([device]) => device],
]);

// Names of values, which some checkpoints hold beside their weights. They stay names.
const inert = /^torch\.(float|double|half|u?int|long|short|bool|bfloat)\d*$/;

/** What a torch checkpoint may name. Everything else is refused by its name, and nothing is ever run. */
export const torchRules: PickleRules = {
  allow(name) {
    if (callables.has(name) || storageType(name) !== undefined || inert.test(name)) return;
    throw new Error(
      `the file asks for ${name.slice(0, 120)}, which is not allowed: weights need only tensors and dictionaries. ` +
        'Nothing of it was run. If you trust the file, load it in Python and save model.state_dict() alone',
    );
  },

  call(callable, args) {
    const make = callables.get(callable.name);
    if (make === undefined) throw new Error(`${callable.name} cannot be called here`);
    return make(args);
  },

  persistent(id) {
    const [tag, cls, key, , count, view] = id instanceof PickleTuple ? id.items : [];
    const type = cls instanceof PickleGlobal ? storageType(cls.name) : undefined;
    if (tag !== 'storage' || type === undefined || typeof key !== 'string' || !isSize(count)) {
      throw new Error('expected a reference to a storage of a known type');
    }
    return new TorchStorage(key, type, count, viewOffset(view));
  },
};

const storageType = (name: string) =>
  storageTypes.get(/^torch\.(?:cuda\.)?(\w+)Storage$/.exec(name)?.[1] ?? '');

function viewOffset(view: PickleValue | undefined): number {
  if (view === undefined || view === null) return 0;
  const offset = view instanceof PickleTuple ? view.items[1] : undefined;
  if (!isSize(offset)) throw new Error('malformed view of a storage');
  return offset;
}

function orderedDict([pairs]: readonly PickleValue[]): PickleDict {
  const dict: PickleDict = new Map();
  if (pairs === undefined) return dict;
  if (!Array.isArray(pairs)) throw new Error('OrderedDict takes a list of pairs');
  for (const pair of pairs) {
    const [key, value] = Array.isArray(pair) ? pair : pair instanceof PickleTuple ? pair.items : [];
    if (key === undefined || value === undefined) throw new Error('OrderedDict takes a list of pairs');
    dict.set(key, value);
  }
  return dict;
}

function rebuildTensor([storage, offset, size, stride]: readonly PickleValue[]): TorchTensor {
  const shape = sizes(size);
  const strides = sizes(stride);
  if (
    !(
      storage instanceof TorchStorage &&
      isSize(offset) &&
      shape &&
      strides &&
      shape.length === strides.length
    )
  ) {
    throw new Error(
      'a tensor needs a storage, an offset, and sizes and strides that are whole and not negative',
    );
  }
  return new TorchTensor(storage, storage.offset + offset, shape, strides);
}

function rebuildParameter([tensor]: readonly PickleValue[]): TorchTensor {
  if (!(tensor instanceof TorchTensor)) throw new Error('a parameter needs a tensor');
  return tensor;
}

function sizes(value: PickleValue | undefined): number[] | undefined {
  const items = value instanceof PickleTuple ? value.items : value;
  return Array.isArray(items) && items.length <= 32 && items.every(isSize) ? items : undefined;
}

const isSize = (value: PickleValue | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
