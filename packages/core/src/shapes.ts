import type * as tf from '@tensorflow/tfjs-core';

/** A tensor, the shape its doc comment gives it, and its dtype where that is not float32. */
export type ShapeClaim = readonly [tensor: tf.TensorInfo, shape: string, dtype?: tf.DataType];

/**
 * Makes the letters of a doc comment executable. The same letter stands for the same size in every tensor of
 * one call, a number for itself, and a leading `...` for any axes before the others.
 *
 * @param op - The name the error begins with, e.g. `'roiAlign'`.
 * @param claims - By argument name, e.g. `{boxes: [boxes, 'K 4'], boxIndices: [boxIndices, 'K', 'int32']}`.
 * @param fix - One sentence that tells the caller what to do about a wrong shape.
 * @returns The size behind each letter, e.g. `{K: 12}`.
 * @throws TypeError with the expected shape, the given one and the fix.
 */
export function checkShapes(
  op: string,
  claims: Readonly<Record<string, ShapeClaim>>,
  fix = '',
): Record<string, number> {
  const sizes: Record<string, number> = {};
  const owners: Record<string, string> = {};

  for (const [name, [tensor, claim, dtype = 'float32']] of Object.entries(claims)) {
    let letters = claim.split(' ').filter(Boolean);
    const open = letters[0] === '...';
    if (open) letters = letters.slice(1);
    const {shape} = tensor;
    const fail = (reason: string): never => {
      const legend = `[${claim.split(' ').filter(Boolean).join(', ')}]`;
      const given = `[${shape.join(', ')}]`;
      throw new TypeError(
        `${op}: ${name} must have shape ${legend}, got ${given}${reason}.${fix && ` ${fix}`}`,
      );
    };

    if (open ? shape.length < letters.length : shape.length !== letters.length) fail('');
    const tail = shape.slice(shape.length - letters.length);
    letters.forEach((letter, axis) => {
      const size = tail[axis];
      if (/^\d+$/.test(letter)) {
        if (size !== Number(letter)) fail('');
      } else if (!(letter in sizes)) {
        sizes[letter] = size;
        owners[letter] = name;
      } else if (sizes[letter] !== size) {
        fail(`, but ${letter} is ${sizes[letter]} in ${owners[letter]}`);
      }
    });

    if (tensor.dtype !== dtype) {
      throw new TypeError(
        `${op}: ${name} must be ${dtype}, got ${tensor.dtype}. Convert it with tf.cast(${name}, '${dtype}').`,
      );
    }
  }
  return sizes;
}
