import {nearestName} from './nearestName.js';

/** What `selectEngine` and `FOVEAL_ENGINE` take; `torch:cuda:N` takes any device number. */
export type EngineName =
  | 'auto'
  | 'torch'
  | 'torch:cpu'
  | 'torch:cuda'
  | `torch:cuda:${number}`
  | 'tensorflow'
  | 'wasm'
  | 'cpu';

/** A concrete engine: one library on one kind of device. */
export type EngineKind = 'torch:cuda' | 'torch:cpu' | 'tensorflow' | 'wasm' | 'cpu';

/** An engine that was not taken, and why. */
export interface SkippedEngine {
  engine: EngineKind;
  /** One sentence each: what was tried, what came, what to do. */
  reasons: string[];
}

/** Facts about a running engine. */
export interface EngineFacts {
  /** Its library and version: `libtorch 1.13.1`. */
  version: string;
  /** Where it computes: `cuda:0`, `cpu`. */
  device: string;
  /** Threads of one operator; undefined where the library does not tell. */
  threads?: number;
  /** Anything else worth printing, such as `{SIMD: 'yes'}`. */
  notes?: Record<string, string>;
}

/** How one engine is looked for and started. */
export interface Engine {
  kind: EngineKind;
  /** The tfjs backend it registers. */
  backend: string;
  /** Reasons why it cannot run here; empty when it can. */
  obstacles(device: string): Promise<string[]>;
  /** Registers the backend and every kernel, once; the caller sets the backend. */
  register(device: string): Promise<EngineFacts>;
}

const names = ['auto', 'torch', 'torch:cpu', 'torch:cuda', 'torch:cuda:0', 'tensorflow', 'wasm', 'cpu'];

/**
 * The engines to try for a name, in order, each with the device it should use.
 *
 * @throws TypeError for a name that is none, with the nearest one and the list.
 */
export function candidates(name: string): {kind: EngineKind; device: string}[] {
  const cuda = /^torch:cuda(?::(\d+))?$/.exec(name);
  if (cuda) return [{kind: 'torch:cuda', device: `cuda:${cuda[1] ?? 0}`}];
  const torch = [
    {kind: 'torch:cuda', device: 'cuda:0'},
    {kind: 'torch:cpu', device: 'cpu'},
  ] as const;
  switch (name) {
    case 'auto':
      return [...torch, {kind: 'tensorflow', device: ''}, {kind: 'wasm', device: 'cpu'}];
    case 'torch':
      return [...torch];
    case 'torch:cpu':
    case 'wasm':
    case 'cpu':
      return [{kind: name, device: 'cpu'}];
    case 'tensorflow':
      return [{kind: name, device: ''}];
  }
  const nearest = nearestName(name, names);
  throw new TypeError(
    `selectEngine: there is no engine "${name}".${nearest ? ` Did you mean "${nearest}"?` : ''} ` +
      `Take one of ${names.join(', ')}; it comes from the call or from the environment variable FOVEAL_ENGINE.`,
  );
}
