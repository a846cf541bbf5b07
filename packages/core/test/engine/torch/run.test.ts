import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {loadAddon} from '../../../src/engine/torch/addon.js';
import {run, runMany, runNumber, schema} from '../../../src/engine/torch/run.js';
import {torchTest, useTorch} from './torchTest.js';

test.before(useTorch);

const values = ({dataId}: tf.TensorInfo) => [...(tf.backend().readSync(dataId) as Float32Array)];
const dispose = (...infos: tf.TensorInfo[]) => {
  for (const {dataId} of infos) tf.backend().disposeData(dataId);
};

torchTest('missing arguments take the defaults of the schema, and undefined does too', t => {
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const total = run('aten::sum.dim_IntList', x, [0]);
  const kept = run('aten::sum.dim_IntList', x, [0], undefined, 'float32');
  t.deepEqual([total.shape, values(total)], [[2], [4, 6]]);
  t.deepEqual(values(kept), [4, 6]);
  dispose(total, kept);
});

torchTest('a whole number does not promote integers, a fraction does', t => {
  const x = tf.tensor1d([1, 2], 'int32');
  const whole = run('aten::mul.Scalar', x, 3);
  const half = run('aten::mul.Scalar', x, 0.5);
  t.deepEqual([whole.dtype, values(whole)], ['int32', [3, 6]]);
  t.deepEqual([half.dtype, values(half)], ['float32', [0.5, 1]]);
  dispose(whole, half);
});

torchTest('lists hold tensors, numbers, booleans or nothing; one number fills a list of fixed length', t => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
  const joined = run('aten::cat', [x, x], 0);
  const pooled = run('aten::max_pool2d', x, 2);
  const wholeSum = run('aten::sum.dim_IntList', x, []);
  t.deepEqual(joined.shape, [2, 1, 2, 2]);
  t.deepEqual([pooled.shape, values(pooled)], [[1, 1, 1, 1], [4]]);
  t.deepEqual([wholeSum.shape, values(wholeSum)], [[], [10]]);
  dispose(joined, pooled, wholeSum);
});

torchTest('dtypes, memory formats and rounding modes go by name', t => {
  const x = tf.tensor4d([-3, 3], [1, 1, 1, 2]);
  const rounded = run('aten::div.Tensor_mode', x, tf.scalar(2), 'floor');
  const last = run('aten::contiguous', x, 'channels_last');
  const wide = run('aten::to.dtype', x, 'int64');
  t.deepEqual(values(rounded), [-2, 1]);
  t.deepEqual([wide.dtype, values(wide)], ['int32', [-3, 3]]);
  t.throws(() => run('aten::to.dtype', x, 'float33'), {message: /'dtype' got 'float33'/});
  dispose(rounded, last, wide);
});

torchTest('results come in the order of the schema, as many as there are', t => {
  const x = tf.tensor1d([3, 9, 4]);
  const [top, where] = runMany('aten::topk', x, 2);
  t.deepEqual(
    [values(top), values(where)],
    [
      [9, 4],
      [1, 2],
    ],
  );
  t.is(runNumber('aten::equal', x, x), 1);
  t.throws(() => run('aten::topk', x, 2), {message: /returned 2 results: use runMany/});
  dispose(top, where);
});

torchTest('arguments and results may be longer than the wire', t => {
  const many = 5000;
  const x = tf.range(0, many);
  const parts = runMany('aten::unbind.int', x, 0);
  t.is(parts.length, many);
  t.deepEqual(values(parts[many - 1]), [many - 1]);
  const back = run('aten::stack', parts, 0);
  t.deepEqual(values(back), values(x));
  dispose(...parts, back);
});

torchTest('two tensors under one operator result are two handles on one storage', t => {
  const x = tf.tensor1d([1, 2]);
  const same = run('aten::contiguous', x);
  t.not(same.dataId, x.dataId);
  x.dispose();
  t.deepEqual(values(same), [1, 2]);
  dispose(same);
});

torchTest('a filter of one of our operators is laid out once, under the same handle', t => {
  const x = tf.ones([1, 4, 4, 2]);
  const filter = tf.randomNormal([3, 3, 2, 5]);
  const before = filter.dataSync();
  const {handle} = filter.dataId as unknown as {handle: number};
  const strides = () => loadAddon().inspect(handle).strides;
  t.deepEqual(strides(), [30, 10, 5, 1]);
  const convolve = () => run('foveal::conv2d', x, filter, null, [1, 1], [0, 0, 0, 0], [1, 1], 1);
  dispose(convolve());
  t.deepEqual(strides(), [6, 2, 1, 18]);
  t.deepEqual(filter.dataSync(), before);
  dispose(convolve());
  t.deepEqual(strides(), [6, 2, 1, 18]);
});

torchTest('a bad call says what was wrong with which operator, and leaves nothing behind', t => {
  const [x, y] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([1, 2])];
  const before = loadAddon().memory().tensors;
  const message = (body: () => unknown) => t.throws(body)?.message ?? '';
  t.regex(
    message(() => run('aten::add.Tensor', x, y)),
    /^aten::add\.Tensor: The size of tensor a \(3\)/,
  );
  t.regex(
    message(() => run('aten::relu', x, 2)),
    /aten::relu takes 1 arguments, got more.*Tensor self/,
  );
  t.regex(
    message(() => run('aten::add.Tensor', x)),
    /argument 'other' is missing/,
  );
  t.regex(
    message(() => run('aten::relu', 3)),
    /'self' does not take a number/,
  );
  t.regex(
    message(() => run('aten::relu', null)),
    /'self' must not be null/,
  );
  t.regex(
    message(() => run('aten::unsqueeze', x, 0.5)),
    /'dim' must be an integer, got 0\.5/,
  );
  t.regex(
    message(() => run('aten::sum.dim_IntList', x, 'zero')),
    /'dim' does not take a string/,
  );
  t.regex(
    message(() => run('aten::no_such_thing', x)),
    /torch has no operator aten::no_such_thing/,
  );
  t.regex(
    message(() => run('foveal::no_such_thing', x)),
    /declare it in native\/ops\.cpp/,
  );
  t.regex(
    message(() => run('aten::equal', x, x)),
    /use runNumber/,
  );
  t.notRegex(
    message(() => run('aten::add.Tensor', x, y)),
    /\n/,
  );
  t.is(loadAddon().memory().tensors, before);
});

torchTest('a freed tensor is named as such', t => {
  const x = run('aten::zeros', [2]);
  const {handle} = x.dataId as unknown as {handle: number};
  dispose(x);
  t.throws(() => loadAddon().read(handle), {message: /was freed/});
  t.throws(() => loadAddon().free(handle), {message: /was freed/});
  t.throws(() => loadAddon().read(-1), {message: /was freed/});
});

torchTest('short memory is an error of its own, with the sizes', t => {
  const error = t.throws(() => run('aten::empty.memory_format', [1e7, 1e6]), {code: 'FOVEAL_OUT_OF_MEMORY'});
  t.regex(error?.message ?? '', /40000000000000 bytes.* tensors hold \d+ MiB; use a smaller batch/);
});

torchTest('the same seed draws the same numbers', t => {
  const draw = () => run('aten::rand', [4]);
  loadAddon().manualSeed(7);
  const first = draw();
  loadAddon().manualSeed(7);
  const second = draw();
  t.deepEqual(values(first), values(second));
  const seeded = () => run('aten::multinomial', tf.ones([64]), 8, true, 5);
  const [third, fourth] = [seeded(), seeded()];
  t.deepEqual(values(third), values(fourth));
  dispose(first, second, third, fourth);
});

torchTest('an operator tells its schema', t => {
  t.is(schema('aten::relu'), 'aten::relu(Tensor self) -> Tensor');
});

torchTest('a reshaped tensor shares memory where it can', t => {
  const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const before = loadAddon().memory().bytes;
  const flat = run('aten::reshape', x, [6]);
  const inferred = run('aten::reshape', x, [3, -1]);
  t.is(loadAddon().memory().bytes, before);
  const turned = run('aten::transpose.int', x, 0, 1);
  const copied = run('aten::reshape', turned, [6]);
  t.deepEqual([flat.shape, values(flat)], [[6], [1, 2, 3, 4, 5, 6]]);
  t.deepEqual(
    [inferred.shape, values(inferred)],
    [
      [3, 2],
      [1, 2, 3, 4, 5, 6],
    ],
  );
  t.deepEqual(values(copied), [1, 4, 2, 5, 3, 6]);
  t.throws(() => run('aten::reshape', x, [4]), {message: /^aten::reshape: shape '\[4\]' is invalid/});
  const narrow = run('aten::narrow', x, 0, 1, 1);
  const row = run('aten::reshape', narrow, [3, 1]);
  t.deepEqual(values(row), [4, 5, 6]);
  const scalar = run('aten::reshape', tf.tensor1d([7]), []);
  t.deepEqual([scalar.shape, values(scalar)], [[], [7]]);
  dispose(flat, inferred, turned, copied, narrow, row, scalar);
});

torchTest(
  'tensors that another backend holds are fetched before the call is written, scalars too',
  async t => {
    await tf.setBackend('cpu');
    const [a, b, c] = [3, 5, 7].map(value => tf.tensor1d([value]));
    const [half, pair] = [tf.scalar(0.5), tf.tensor1d([10, 20])];
    await tf.setBackend('torch');
    try {
      t.deepEqual([...tf.concat([a, b, c]).dataSync()], [3, 5, 7]);
      t.deepEqual([...tf.mul(pair, half).dataSync()], [5, 10]);
    } finally {
      tf.dispose([a, b, c, half, pair]);
    }
  },
);

torchTest('sums of scalars that another backend holds count each of them', async t => {
  await tf.setBackend('cpu');
  const scalars = [1, 2, 4, 8].map(value => tf.scalar(value));
  await tf.setBackend('torch');
  t.is(tf.addN(scalars).dataSync()[0], 15);
  tf.dispose(scalars);
});
