// Python's pickletools.py documents the opcodes; PyTorch writes protocol 2, and up to 5 on request.
// Not a general unpickler from npm: those apply whatever function stands on the stack, write into plain objects
// (`__proto__`), and cannot say where a pickle ends, which torch's older layout needs.
import {PickleGlobal, type PickleList, PickleTuple, type PickleValue} from './pickleValue.js';

/** What the names in a pickle may do: the caller decides, and everything else is refused. */
export interface PickleRules {
  /** Whether a pickle may name this, e.g. `collections.OrderedDict`. Throw to refuse it. */
  allow(name: string): void;
  /** The value of `callable(*args)`. Only for names that `allow` let through. */
  call(callable: PickleGlobal, args: readonly PickleValue[]): PickleValue;
  /** The value behind a persistent id, with which torch names its storages. */
  persistent(id: PickleValue): PickleValue;
}

/** A pickle that is malformed, or asks for what it may not have. */
export class PickleError extends Error {
  override readonly name = 'PickleError';
}

/**
 * Reads one pickle without running anything. Takes time and memory in proportion to its bytes.
 *
 * @param start - Where in `bytes` it begins.
 * @returns The value, and where the bytes after the pickle begin.
 * @throws PickleError naming the byte and what is wrong there.
 */
export function unpickle(
  bytes: Uint8Array,
  rules: PickleRules,
  start = 0,
): {value: PickleValue; end: number} {
  const machine = new Machine(bytes, rules, start);
  try {
    return machine.run();
  } catch (error) {
    if (error instanceof PickleError) throw error;
    throw new PickleError(`${(error as Error).message} (byte ${machine.opcodeAt} of the pickle)`, {
      cause: error,
    });
  }
}

const utf8 = new TextDecoder('utf-8', {fatal: true});

class Machine {
  opcodeAt: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly rules: PickleRules;
  private at: number;
  private stack: PickleValue[] = [];
  private readonly marks: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, rules: PickleRules, start: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.rules = rules;
    this.at = start;
    this.opcodeAt = start;
  }

  run(): {value: PickleValue; end: number} {
    for (;;) {
      this.opcodeAt = this.at;
      const opcode = this.take(1)[0];
      if (opcode === 0x2e) return {value: this.pop(), end: this.at};
      this.step(opcode);
    }
  }

  private step(opcode: number): void {
    const {view, stack} = this;
    // biome-ignore format: one opcode a line reads as the table it is
    switch (opcode) {
      case 0x80: { // PROTO
        const version = this.take(1)[0];
        if (version > 5) throw new Error(`pickle protocol ${version} is not known; up to 5 is`);
        return;
      }
      case 0x95: this.take(8); return; // FRAME
      case 0x28: this.marks.push(stack); this.stack = []; return; // MARK
      case 0x30: this.pop(); return; // POP
      case 0x31: this.toMark(); return; // POP_MARK

      case 0x4e: stack.push(null); return; // NONE
      case 0x88: stack.push(true); return; // NEWTRUE
      case 0x89: stack.push(false); return; // NEWFALSE
      case 0x4a: stack.push(view.getInt32(this.skip(4), true)); return; // BININT
      case 0x4b: stack.push(this.take(1)[0]); return; // BININT1
      case 0x4d: stack.push(view.getUint16(this.skip(2), true)); return; // BININT2
      case 0x8a: stack.push(integer(this.take(this.take(1)[0]))); return; // LONG1
      case 0x47: stack.push(view.getFloat64(this.skip(8))); return; // BINFLOAT
      case 0x58: stack.push(this.text(view.getUint32(this.skip(4), true))); return; // BINUNICODE
      case 0x8c: stack.push(this.text(this.take(1)[0])); return; // SHORT_BINUNICODE
      case 0x55: stack.push(latin1(this.take(this.take(1)[0]))); return; // SHORT_BINSTRING, Python 2
      case 0x54: stack.push(latin1(this.take(view.getUint32(this.skip(4), true)))); return; // BINSTRING, Python 2
      case 0x43: stack.push(this.take(this.take(1)[0])); return; // SHORT_BINBYTES
      case 0x42: stack.push(this.take(view.getUint32(this.skip(4), true))); return; // BINBYTES

      case 0x29: stack.push(new PickleTuple([])); return; // EMPTY_TUPLE
      case 0x85: stack.push(new PickleTuple(this.popMany(1))); return; // TUPLE1
      case 0x86: stack.push(new PickleTuple(this.popMany(2))); return; // TUPLE2
      case 0x87: stack.push(new PickleTuple(this.popMany(3))); return; // TUPLE3
      case 0x74: { const items = this.toMark(); this.stack.push(new PickleTuple(items)); return; } // TUPLE
      case 0x5d: stack.push([]); return; // EMPTY_LIST
      case 0x61: { const item = this.pop(); this.list().push(item); return; } // APPEND
      case 0x65: { const items = this.toMark(); const list = this.list(); for (const item of items) list.push(item); return; } // APPENDS
      case 0x7d: stack.push(new Map()); return; // EMPTY_DICT
      case 0x73: this.setItems(this.popMany(2)); return; // SETITEM
      case 0x75: this.setItems(this.toMark()); return; // SETITEMS

      case 0x71: this.memo.set(this.take(1)[0], this.top()); return; // BINPUT
      case 0x72: this.memo.set(view.getUint32(this.skip(4), true), this.top()); return; // LONG_BINPUT
      case 0x94: this.memo.set(this.memo.size, this.top()); return; // MEMOIZE
      case 0x68: stack.push(this.recall(this.take(1)[0])); return; // BINGET
      case 0x6a: stack.push(this.recall(view.getUint32(this.skip(4), true))); return; // LONG_BINGET

      case 0x63: stack.push(this.global(this.line(), this.line())); return; // GLOBAL
      case 0x93: { const [module, name] = this.popMany(2); stack.push(this.global(module, name)); return; } // STACK_GLOBAL
      case 0x69: this.global(this.line(), this.line()); throw new Error('opcode INST is not supported'); // INST
      case 0x51: stack.push(this.rules.persistent(this.pop())); return; // BINPERSID
      case 0x52: case 0x81: { // REDUCE, NEWOBJ
        const [callable, args] = this.popMany(2);
        if (!(callable instanceof PickleGlobal && args instanceof PickleTuple)) {
          throw new Error('only an allowed name can be called, with a tuple of arguments');
        }
        stack.push(this.rules.call(callable, args.items));
        return;
      }
      case 0x62: { // BUILD: attributes of an OrderedDict (torch keeps version numbers there); not needed, so dropped
        this.pop();
        if (!(this.top() instanceof Map)) throw new Error('only a dictionary may have attributes');
        return;
      }
      default: throw new Error(`opcode 0x${opcode.toString(16)} is not one that weights need`);
    }
  }

  private skip(count: number): number {
    const from = this.at;
    if (count > this.bytes.length - from) throw new Error('the pickle ends too early');
    this.at += count;
    return from;
  }

  private take(count: number): Uint8Array {
    const from = this.skip(count);
    return this.bytes.subarray(from, from + count);
  }

  private text(length: number): string {
    return utf8.decode(this.take(length));
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new Error('the pickle ends too early');
    const text = latin1(this.take(end - this.at));
    this.at = end + 1;
    return text;
  }

  private top(): PickleValue {
    if (this.stack.length === 0) throw new Error('the stack is empty');
    return this.stack[this.stack.length - 1];
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw new Error('the stack is empty');
    return this.stack.splice(this.stack.length - count);
  }

  private toMark(): PickleValue[] {
    const items = this.stack;
    const below = this.marks.pop();
    if (below === undefined) throw new Error('no mark was set');
    this.stack = below;
    return items;
  }

  private list(): PickleList {
    const list = this.top();
    if (!Array.isArray(list)) throw new Error('only a list can be appended to');
    return list;
  }

  private setItems(items: PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw new Error('only a dictionary can have items set');
    if (items.length % 2 !== 0) throw new Error('a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      if (Array.isArray(items[i]) || items[i] instanceof Map)
        throw new Error('a list or dictionary cannot be a key');
      dict.set(items[i], items[i + 1]);
    }
  }

  private recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw new Error(`nothing was remembered as ${index}`);
    return value;
  }

  private global(module: PickleValue, name: PickleValue): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') throw new Error('a global needs two strings');
    const full = `${module}.${name}`;
    this.rules.allow(full);
    return new PickleGlobal(full);
  }
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

// Two's complement, little-endian; a number where it is exact, else a bigint.
function integer(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  return signed >= Number.MIN_SAFE_INTEGER && signed <= Number.MAX_SAFE_INTEGER ? Number(signed) : signed;
}
