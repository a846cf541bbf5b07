import test from 'ava';
import {loadEcharts} from '../../src/draw/loadEcharts.js';
import type {LogRecord} from '../../src/train/log.js';
import {trainingCurve} from '../../src/train/trainingCurve.js';

const step = (number: number): LogRecord => ({
  type: 'step',
  step: number,
  epoch: number / 100,
  loss: 1 / number,
  losses: {loss: 1 / number},
  learningRate: 0.1,
  imagesPerSecond: 100,
});

test('a run of two hundred thousand lines is drawn within seconds', async t => {
  const records = Array.from({length: 200_000}, (_, i) => step(i + 1));
  await loadEcharts(); // by the disk, not by the lines
  const before = process.cpuUsage(); // other tests may have the cores
  t.is((await trainingCurve(records, 'long'))?.toString('latin1', 1, 4), 'PNG');
  const {user, system} = process.cpuUsage(before);
  t.true(user + system < 5e6);
});

test('a run without steps has no curve', async t => {
  t.is(await trainingCurve([], 'short'), undefined);
});
