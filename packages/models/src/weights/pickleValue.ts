/** What a pickle may hold here: data, and references to the few names that are allowed. Nothing of it can run. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleDict
  | PickleTuple
  | PickleGlobal
  | PickleObject;

export type PickleList = PickleValue[];
export type PickleDict = Map<PickleValue, PickleValue>;

/** A Python tuple; a class of its own, so that a list cannot pass for one. */
export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A Python name that the caller allowed, such as `torch.FloatStorage`. Only the name: nothing is imported. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What the caller's own functions return for a call or a persistent id; the unpickler only carries it. */
export abstract class PickleObject {
  abstract readonly kind: string;
}
