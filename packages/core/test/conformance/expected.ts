import type {Expected} from './compare.js';

/** The failures that are known on each engine. */
export const expected: Record<string, Expected> = {};
