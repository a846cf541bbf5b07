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
  for (const name in claims) {
    const [{shape, dtype}, claim, wanted = 'float32'] = claims[name];
    const {open, letters} = parsed(claim);
    const before = shape.length - letters.length;
    let right = open ? before >= 0 : before === 0;
    for (let axis = 0; right && axis < letters.length; axis++) {
      const letter = letters[axis];
      const size = shape[before + axis];
      // A number stands for itself.
      right = typeof letter === 'number' ? size === letter : (sizes[letter] ??= size) === size;
    }
    if (!right) throw new TypeError(explain(op, claims, name, fix));
    if (dtype !== wanted) {
      throw new TypeError(
        `${op}: ${name} must be ${wanted}, got ${dtype}. Convert it with tf.cast(${name}, '${wanted}').`,
      );
    }
  }
  return sizes;
}

interface Claim {
  /** Whether any axes may stand before the letters. */
  open: boolean;
  letters: (string | number)[];
}

const known = new Map<string, Claim>();

/** A claim in parts; every call of an op asks for the same few. */
function parsed(claim: string): Claim {
  let parts = known.get(claim);
  if (!parts) {
    const words = claim.split(' ').filter(Boolean);
    const open = words[0] === '...';
    const letters = words.slice(open ? 1 : 0).map(word => (/^\d+$/.test(word) ? Number(word) : word));
    known.set(claim, (parts = {open, letters}));
  }
  return parts;
}

/** What is wrong with a shape: those before it are right. */
function explain(
  op: string,
  claims: Readonly<Record<string, ShapeClaim>>,
  wrong: string,
  fix: string,
): string {
  const owners: Record<string, {name: string; size: number}> = {};
  let reason = '';
  for (const name in claims) {
    const [{shape}, claim] = claims[name];
    const {open, letters} = parsed(claim);
    const before = shape.length - letters.length;
    if (open ? before < 0 : before !== 0) break;
    for (const [axis, letter] of letters.entries()) {
      if (typeof letter === 'number') continue;
      const owner = (owners[letter] ??= {name, size: shape[before + axis]});
      if (!reason && owner.size !== shape[before + axis])
        reason = `, but ${letter} is ${owner.size} in ${owner.name}`;
    }
    if (name === wrong) break;
  }
  const [{shape}, claim] = claims[wrong];
  const legend = claim.split(' ').filter(Boolean).join(', ');
  return `${op}: ${wrong} must have shape [${legend}], got [${shape.join(', ')}]${reason}.${fix && ` ${fix}`}`;
}
