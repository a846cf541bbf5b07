import {Random} from '../random.js';

let stream: Random | undefined;

/**
 * The stream from which a module starts its parameters, unless it is given one: seed 0 when the process starts, and
 * moved on by every module, so that a program gives the same model each time it runs.
 */
export function defaultRandom(): Random {
  return (stream ??= new Random(0));
}

/** Starts the default stream anew. Give modules a `random` of their own where two models must not disturb each other. */
export function seedDefaultRandom(seed: number): void {
  stream = new Random(seed);
}
