import {boxFault, clipBox} from '@foveal/data';
import test from 'ava';

const size = [10, 8] as const;

test('a box inside, or up to one pixel outside, is in order', t => {
  t.is(boxFault([0, 0, 10, 8], size), undefined);
  t.is(boxFault([-1, -0.5, 11, 9], size), undefined);
  t.is(boxFault([-500, 0, 900, 8]), undefined);
});

test('a box that reaches out is clipped', t => {
  t.deepEqual(boxFault([-2, 1, 12, 20], size), {
    reason: 'box [-2, 1, 12, 20] lies 12 pixels outside the image of 10 × 8.',
    repaired: [0, 1, 10, 8],
  });
  t.deepEqual(clipBox([3, 4, 5, 6], size), [3, 4, 5, 6]);
});

test('nothing remains of a box wholly outside, without width, turned around or not finite', t => {
  for (const box of [
    [20, 0, 30, 8],
    [0, -9, 10, -2],
    [3, 1, 3, 2],
    [1, 5, 3, 2],
    [0, 0, Number.NaN, 1],
    [0, 0, Number.POSITIVE_INFINITY, 1],
  ] as const) {
    const fault = boxFault(box, size);
    t.truthy(fault, String(box));
    t.is(fault?.repaired, undefined, String(box));
  }
});
