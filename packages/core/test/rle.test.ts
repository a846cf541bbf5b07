import {
  checkedRle,
  rleArea,
  rleFromMask,
  rleFromPolygon,
  rleFromString,
  rleIntersection,
  rleToBox,
  rleToMask,
  rleToString,
  rleUnion,
} from '@foveal/core';
import test from 'ava';
import fc from 'fast-check';

const masks = fc
  .record({height: fc.integer({min: 1, max: 9}), width: fc.integer({min: 1, max: 9})})
  .chain(({height, width}) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      a: fc.array(fc.integer({min: 0, max: 1}), {minLength: height * width, maxLength: height * width}),
      b: fc.array(fc.integer({min: 0, max: 1}), {minLength: height * width, maxLength: height * width}),
    }),
  );

test('a mask survives runs and the compact string', t => {
  fc.assert(
    fc.property(masks, ({height, width, a}) => {
      const rle = rleFromMask(a, height, width);
      const back = rleFromString(rleToString(rle), height, width);
      t.deepEqual(Array.from(rleToMask(back)), a);
    }),
  );
});

test('area, intersection, union and box agree with counting pixels', t => {
  fc.assert(
    fc.property(masks, ({height, width, a, b}) => {
      const [ra, rb] = [rleFromMask(a, height, width), rleFromMask(b, height, width)];
      t.is(rleArea(ra), a.filter(Boolean).length);
      t.is(rleIntersection(ra, rb), a.filter((v, i) => v && b[i]).length);
      t.deepEqual(
        Array.from(rleToMask(rleUnion([ra, rb]))),
        a.map((v, i) => v | b[i]),
      );
      const [x, y, w, h] = rleToBox(ra);
      const set = a.flatMap((v, i) => (v ? [[i % width, Math.floor(i / width)]] : []));
      if (set.length === 0) return;
      const [xs, ys] = [set.map(p => p[0]), set.map(p => p[1])];
      t.deepEqual(
        [x, y, x + w - 1, y + h - 1],
        [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
      );
    }),
  );
});

// Known from the format: the string of a 2 × 2 mask with runs 1, 2, 1 is one character a run.
test('short runs are written as one character each', t => {
  t.is(rleToString(checkedRle(2, 2, [1, 2, 1])), '121');
});

test('a rectangle with whole corners covers exactly its pixels', t => {
  const mask = rleFromPolygon([1, 1, 4, 1, 4, 3, 1, 3], 5, 6);
  t.is(rleArea(mask), 6);
  t.deepEqual(rleToBox(mask), [1, 1, 3, 2]);
});

test('a polygon reaching beyond the image is clipped', t => {
  t.is(rleArea(rleFromPolygon([-10, -10, 20, -10, 20, 20, -10, 20], 4, 7)), 28);
});

test('bad masks are refused before anything is allocated', t => {
  t.throws(() => checkedRle(2, 2, [1, 2]), {message: /must fill 2 × 2 = 4 pixels, got 3/});
  t.throws(() => checkedRle(2, 2, [5, -1]), {message: /run 1 must be a whole number/});
  t.throws(() => checkedRle(2 ** 31, 1, []), {message: /height must be a whole number/});
  t.throws(() => rleFromString('\u0000', 2, 2), {message: /character 1/});
  t.throws(() => rleFromString('ooooooooooo', 2, 2), {
    message: /not part of a COCO mask string|whole number/,
  });
  t.throws(() => rleFromPolygon([0, 0, 1, 1], 4, 4), {message: /at least three points/});
  t.throws(() => rleFromPolygon([0, 0, 1, 1, Number.NaN, 2], 4, 4), {message: /finite/});
});
