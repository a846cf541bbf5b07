import {Random} from '@foveal/core';

/** What a stream of random numbers is for: two purposes never share one. */
const purposes = {order: 1, augment: 2, dropout: 3, holdOut: 4, weights: 5, mix: 6} as const;

/**
 * A seed for one purpose at one place of a training. It depends on its arguments alone, never on what was drawn
 * before, so a resumed run draws what an uninterrupted one would have drawn.
 *
 * @param place - Whole numbers: the epoch, the step, the image.
 * @returns An integer in [0, 2^32).
 */
export function seedFor(seed: number, purpose: keyof typeof purposes, ...place: number[]): number {
  return [purposes[purpose], ...place].reduce(
    (mixed, number) => new Random(number * 2 ** 32 + mixed).uint32(),
    new Random(seed).uint32(),
  );
}
