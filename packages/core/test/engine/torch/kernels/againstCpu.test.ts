import * as tf from '@tensorflow/tfjs-core';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {closeTo, noise} from '../../../support.js';
import {torchTest, useTorch} from '../torchTest.js';

test.before(useTorch);

type T = tf.Tensor;
type Image = tf.Tensor4D;

/** Asserts that torch gives what tfjs's cpu engine does, for many random cases. `run` makes all its tensors. */
function agree<Case>(
  t: ExecutionContext<unknown>,
  cases: fc.Arbitrary<Case>,
  run: (given: Case) => T | T[],
): void {
  const on = (backend: 'torch' | 'cpu', given: Case) => {
    void tf.setBackend(backend);
    const results = [run(given)].flat();
    for (const result of results) result.dataSync();
    return results;
  };
  fc.assert(
    fc.property(cases, given => {
      tf.tidy(() => {
        const expected = on('cpu', given);
        const message = JSON.stringify(given);
        on('torch', given).forEach((actual, i) => {
          t.is(actual.dtype, expected[i].dtype, message);
          closeTo(t, actual, expected[i], {tolerance: 2e-5, message});
        });
      });
      return t.passed;
    }),
    {numRuns: 60, seed: 4, endOnFailure: true},
  );
  void tf.setBackend('torch');
}

const size = (most: number) => fc.integer({min: 1, max: most});
const side = fc.integer({min: 4, max: 9});
const shape = fc.tuple(size(2), side, side, size(3));
const pad = fc.oneof(
  fc.constantFrom('same' as const, 'valid' as const, 0, 1),
  fc.array(fc.integer({min: 0, max: 2}), {minLength: 4, maxLength: 4}).map(
    ([top, bottom, left, right]): tf.backend_util.ExplicitPadding => [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  ),
);
const rounded = (pad: unknown, mode: 'floor' | 'round' | 'ceil') =>
  typeof pad === 'number' ? mode : undefined;
const mode = fc.constantFrom('floor' as const, 'round' as const, 'ceil' as const);
/** Given one number for its padding, tfjs's cpu engine takes the height of a window for its width as well. */
const pair = (pad: unknown, [height, width]: [number, number]): [number, number] =>
  typeof pad === 'number' ? [height, height] : [height, width];

const convolutions = fc
  .record({
    shape,
    taps: fc.tuple(size(3), size(3)),
    outputs: size(3),
    stride: fc.tuple(size(3), size(3)),
    dilation: fc.tuple(size(2), size(2)),
    dilated: fc.boolean(),
    pad,
    mode,
  })
  .map(({shape, taps, outputs, stride, dilation, dilated, pad, mode}) => ({
    shape,
    filter: [...pair(pad, taps), shape[3], outputs] as [number, number, number, number],
    stride: dilated ? 1 : pair(pad, stride),
    dilation: dilated ? pair(pad, dilation) : 1,
    pad,
    mode: rounded(pad, mode),
  }));

for (const convolve of [tf.conv2d, tf.depthwiseConv2d]) {
  torchTest(`${convolve.name} agrees`, t => {
    agree(t, convolutions, ({shape, filter, stride, dilation, pad, mode}) =>
      convolve(noise<tf.Rank.R4>(shape), noise<tf.Rank.R4>(filter, 2), stride, pad, 'NHWC', dilation, mode),
    );
  });

  torchTest(`the gradients of ${convolve.name} agree`, t => {
    // tfjs has them for no dilation.
    agree(t, convolutions, ({shape, filter, stride, pad}) => {
      const f = (x: T, filter: T) => convolve(x as Image, filter as Image, stride, pad);
      return tf.grads(f)([noise<tf.Rank.R4>(shape), noise<tf.Rank.R4>(filter, 2)]);
    });
  });
}

const pools = fc
  .record({shape, window: fc.tuple(size(3), size(3)), stride: fc.tuple(size(3), size(3)), pad, mode})
  .map(({shape, window, stride, pad, mode}) => ({
    shape,
    window: pair(pad, window),
    stride: pair(pad, stride),
    pad,
    mode: rounded(pad, mode),
  }));

for (const pool of [tf.maxPool, tf.avgPool]) {
  torchTest(`${pool.name} and its gradient agree`, t => {
    agree(t, pools, ({shape, window, stride, pad, mode}) => {
      const x = noise<tf.Rank.R4>(shape);
      const f = (x: T) => pool(x as Image, window, stride, pad, mode);
      const y = f(x);
      // A window all in the padding: nothing by nothing for tfjs, zero for us.
      const counted = pool === tf.avgPool ? tf.where(tf.isNaN(y), 0, y) : y;
      // tfjs's gradients round down, whatever the op was told.
      return mode === 'round' || mode === 'ceil' ? counted : [counted, tf.grad(f)(x)];
    });
  });
}

torchTest('resized images agree', t => {
  const cases = fc.record({
    shape,
    to: fc.tuple(size(12), size(12)),
    centers: fc.constantFrom([false, false], [true, false], [false, true]),
  });
  agree(t, cases, ({shape, to, centers: [corners, half]}) => {
    const x = noise<tf.Rank.R4>(shape);
    return [
      tf.image.resizeBilinear(x, to, corners, half),
      tf.image.resizeNearestNeighbor(x, to, corners, half),
    ];
  });
});

torchTest('slices with strides agree', t => {
  const axis = fc.record({
    begin: fc.integer({min: -6, max: 6}),
    end: fc.integer({min: -6, max: 6}),
    by: fc.constantFrom(-2, -1, 1, 2, 3),
  });
  const masks = fc.tuple(
    fc.integer({min: 0, max: 7}),
    fc.integer({min: 0, max: 7}),
    fc.constantFrom(0, 1, 2),
    fc.constantFrom(0, 4),
  );
  agree(
    t,
    fc.record({axes: fc.tuple(axis, axis, axis), masks}),
    ({axes, masks: [begin, end, ellipsis, added]}) =>
      tf.stridedSlice(
        noise<tf.Rank.R3>([5, 4, 6]),
        axes.map(a => a.begin),
        axes.map(a => a.end),
        axes.map(a => a.by),
        begin,
        end,
        ellipsis,
        added & ~ellipsis,
      ),
  );
});

torchTest('reductions agree', t => {
  const cases = fc.record({
    axes: fc.subarray([0, 1, 2], {minLength: 1}),
    keep: fc.boolean(),
    dtype: fc.constantFrom('float32' as const, 'int32' as const),
  });
  agree(t, cases, ({axes, keep, dtype}) => {
    const x = tf.cast(tf.mul(noise<tf.Rank.R3>([3, 4, 2]), 3), dtype);
    const positive = tf.greater(x, 0);
    return [
      ...[tf.sum, tf.mean, tf.max, tf.min, tf.prod].map(reduce => reduce(x, axes, keep)),
      tf.all(positive, axes, keep),
      tf.any(positive, axes, keep),
      tf.argMax(x, axes[0]),
      tf.argMin(x, axes[0]),
    ];
  });
});

torchTest('running sums and products agree', t => {
  const cases = fc.record({
    axis: fc.integer({min: 0, max: 2}),
    exclusive: fc.boolean(),
    reverse: fc.boolean(),
  });
  agree(t, cases, ({axis, exclusive, reverse}) => {
    const x = noise<tf.Rank.R3>([3, 4, 2]);
    return [tf.cumsum(x, axis, exclusive, reverse), tf.cumprod(x, axis, exclusive, reverse)];
  });
});

torchTest('gathering in batches agrees', t => {
  const cases = fc.record({
    batchDims: fc.integer({min: 0, max: 2}),
    further: fc.integer({min: 0, max: 1}),
    picks: size(4),
  });
  agree(t, cases, ({batchDims, further, picks}) => {
    const x = noise<tf.Rank.R4>([2, 3, 4, 2]);
    const axis = Math.min(3, batchDims + further);
    const shape = [...x.shape.slice(0, batchDims), picks];
    const indices = Array.from({length: tf.util.sizeFromShape(shape)}, (_, i) => (i * 7) % x.shape[axis]);
    return tf.gather(x, tf.tensor(indices, shape, 'int32'), axis, batchDims);
  });
});

torchTest('integer and signed arithmetic agree', t => {
  const number = fc.integer({min: -9, max: 9});
  const cases = fc.record({
    a: number,
    b: number.filter(b => b !== 0),
    dtype: fc.constantFrom('float32' as const, 'int32' as const),
  });
  agree(t, cases, ({a, b, dtype}) => {
    const [x, y] = [a, b].map(value => tf.tensor1d([value], dtype));
    return [
      tf.mod(x, y),
      tf.floorDiv(x, y),
      tf.div(x, y),
      tf.pow(x, tf.abs(y)),
      tf.squaredDifference(x, y),
      tf.maximum(x, y),
    ];
  });
});

torchTest('padding and blocks agree', t => {
  const sides = fc.tuple(fc.integer({min: 0, max: 3}), fc.integer({min: 0, max: 3}));
  agree(
    t,
    fc.record({rows: sides, columns: sides, value: fc.constantFrom(0, 2)}),
    ({rows, columns, value}) => {
      const x = noise<tf.Rank.R4>([2, 4, 4, 4]);
      const paddings: [number, number][] = [[0, 0], rows, columns, [0, 0]];
      return [
        tf.pad(x, paddings, value),
        tf.mirrorPad(x, paddings, 'reflect'),
        tf.mirrorPad(x, paddings, 'symmetric'),
        tf.depthToSpace(x, 2, 'NHWC'),
        tf.batchToSpaceND(
          tf.spaceToBatchND(
            x,
            [2, 2],
            [
              [1, 1],
              [0, 2],
            ],
          ),
          [2, 2],
          [
            [1, 0],
            [0, 1],
          ],
        ),
      ];
    },
  );
});
