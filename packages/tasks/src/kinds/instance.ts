import {detectionKind} from './detectionKind.js';

/** A box, a mask and a category for each object. */
export const instance = detectionKind({
  command: 'instance',
  about: 'a box, a mask and a category for each object',
  masks: true,
});
