import {detectionKind} from './detectionKind.js';

/** A box and a category for each object. */
export const detection = detectionKind({
  command: 'detect',
  about: 'a box and a category for each object',
  masks: false,
});
