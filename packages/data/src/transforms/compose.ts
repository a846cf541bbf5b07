import type {Transform} from '../sample.js';

/** One transform after another, all drawing from the same stream. */
export function compose(...transforms: Transform[]): Transform {
  return (sample, random) => transforms.reduce((changed, transform) => transform(changed, random), sample);
}
