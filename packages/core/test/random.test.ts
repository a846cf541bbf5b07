import test from 'ava';
import {Random} from '../src/random.js';

const draw = <T>(count: number, next: () => T): T[] => Array.from({length: count}, next);
const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: number[]) => {
  const m = mean(values);
  return mean(values.map(v => (v - m) ** 2));
};

test('a seed gives one stream, and its neighbours give others', t => {
  const first = (seed: number) => {
    const random = new Random(seed);
    return draw(4, () => random.uint32());
  };
  t.deepEqual(first(7), first(7));
  // The first numbers of neighbouring seeds look random too: about half of the bits differ.
  const heads = draw(1000, () => 0).map((_, seed) => first(seed)[0]);
  const bits = (x: number) => x.toString(2).split('1').length - 1;
  const flipped = heads.slice(1).map((head, i) => bits((head ^ heads[i]) >>> 0));
  t.true(Math.abs(mean(flipped) - 16) < 0.5);
  t.notDeepEqual(first(-1), first(1));
  t.notDeepEqual(first(2 ** 32), first(0));
  t.throws(() => new Random(0.5), {message: /seed must be an integer.*got 0\.5/});
});

test('uniform numbers fill [0, 1) evenly', t => {
  const random = new Random(1);
  const values = draw(100_000, () => random.next());
  t.true(Math.min(...values.slice(0, 50_000)) >= 0 && Math.max(...values.slice(0, 50_000)) < 1);
  const counts = new Array<number>(20).fill(0);
  for (const v of values) counts[Math.floor(v * 20)]++;
  // χ² with 19 degrees of freedom: 43.8 is its 99.9 % point.
  const chi2 = counts.reduce((sum, n) => sum + (n - 5000) ** 2 / 5000, 0);
  t.true(chi2 < 43.8, `χ² is ${chi2}`);
});

test('integers are even too, and a wrong bound is refused', t => {
  const random = new Random(2);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[random.int(7)]++;
  const chi2 = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
  t.true(chi2 < 22.5, `χ² is ${chi2}, its 99.9 % point is 22.5`);
  t.is(random.int(1), 0);
  t.throws(() => random.int(0), {message: /positive integer, got 0/});
});

test('normal numbers have the moments and tails of the normal distribution', t => {
  const random = new Random(3);
  const values = draw(100_000, () => random.normal());
  t.true(Math.abs(mean(values)) < 0.015);
  t.true(Math.abs(variance(values) - 1) < 0.025);
  t.true(Math.abs(mean(values.map(v => v ** 4)) - 3) < 0.2);
  const within = (limit: number) => values.filter(v => Math.abs(v) < limit).length / values.length;
  t.true(Math.abs(within(1) - 0.6827) < 0.006);
  t.true(Math.abs(within(1.96) - 0.95) < 0.003);
});

test('a shuffle keeps all items and reaches every order equally often', t => {
  const random = new Random(4);
  const orders = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = random.shuffle(['a', 'b', 'c', 'd']).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  t.is(orders.size, 24);
  const chi2 = [...orders.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  t.true(chi2 < 49.7, `χ² is ${chi2}, its 99.9 % point is 49.7`);
  t.deepEqual(random.shuffle(Int32Array.of(1, 2, 3)).sort(), Int32Array.of(1, 2, 3));
});

test('split streams are independent of each other and of their parent', t => {
  const parent = new Random(5);
  const [a, b] = [parent.split(), parent.split()];
  const grandchildren = [a.split(), b.split()];
  const streams = [parent, a, b, ...grandchildren].map(r => draw(20_000, () => r.next() - 0.5));
  for (let i = 0; i < streams.length; i++) {
    for (let j = 0; j < i; j++) {
      const correlation = 12 * mean(streams[i].map((v, k) => v * streams[j][k]));
      t.true(Math.abs(correlation) < 0.03, `streams ${i} and ${j} correlate by ${correlation}`);
    }
  }
  const again = new Random(5);
  t.is(again.split().next(), new Random(5).split().next());
});

test('a stream resumes exactly from its state through JSON', t => {
  const random = new Random(6);
  draw(11, () => random.normal());
  const resumed = Random.from(JSON.parse(JSON.stringify(random.state())));
  const next = (r: Random) => [
    r.normal(),
    r.next(),
    r.int(10),
    r.uint32(),
    r.split().next(),
    r.shuffle([1, 2, 3]),
  ];
  t.deepEqual(next(resumed), next(random));
  t.throws(() => Random.from([0, 0, 0, 0]), {message: /four integers/});
  t.throws(() => Random.from([1, 2]), {message: /\[1,2\]/});
});

test('filling an array draws what single calls draw, and goes on from there', t => {
  const [filled, single] = [new Random(11), new Random(11)];
  const values = new Float32Array(1001);
  filled.fillUniform(values, -2, 3);
  t.deepEqual(
    values,
    values.map(() => -2 + 5 * 2 ** -32 * single.uint32()),
  );
  t.is(filled.uint32(), single.uint32());
});

test('an array is filled with normal numbers, of odd length too', t => {
  const values = new Float32Array(99_999);
  new Random(12).fillNormal(values, 3, 2);
  t.true(Math.abs(mean([...values]) - 3) < 0.03);
  t.true(Math.abs(variance([...values]) - 4) < 0.1);
  const half = values.filter((_, i) => i % 2 === 0);
  t.true(Math.abs(mean([...half].map((v, i) => (v - 3) * ((values[2 * i + 1] ?? 3) - 3)))) < 0.1);
});
