import test from 'ava';
import {makeSchedule} from '../../src/train/schedules.js';
import {checkTrainOptions} from '../../src/train/trainOptions.js';

test('every wrong option is listed at once, with the nearest name for an unknown one', t => {
  const options = {epochs: -1, batchSize: 0, learningRate: Number.NaN, optimiser: 'sgd'};
  const {message} = t.throws(() => checkTrainOptions(options as object), {instanceOf: TypeError}) as Error;
  for (const part of ['epochs', 'batchSize', 'learningRate', 'optimiser', 'did you mean optimizer?']) {
    t.true(message.includes(part), `${part} in ${message}`);
  }
});

test('the learning rate is the optimizer’s own unless it is given', t => {
  t.is(checkTrainOptions({optimizer: 'adam'}).learningRate, 1e-3);
  t.is(checkTrainOptions({optimizer: 'adam', learningRate: 0.5}).learningRate, 0.5);
});

test('a schedule warms up over its share of the epochs, peaks, and ends near zero', t => {
  const settings = {schedule: 'cosine', learningRate: 1, steps: 40, warmup: 1} as const;
  const schedule = makeSchedule(settings, 10);
  t.true(schedule(0) > 0 && schedule(0) < 0.2);
  t.is(schedule(10), 1);
  t.true(schedule(25) < 0.6 && schedule(25) > 0.4);
  t.true(schedule(39) < 0.01);
});
