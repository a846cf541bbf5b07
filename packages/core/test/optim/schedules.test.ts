import test from 'ava';
import {
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  inverseTimeSchedule,
  multiStepSchedule,
  polynomialSchedule,
  type Schedule,
  stepSchedule,
  warmUp,
} from '../../src/index.js';

const table: [string, Schedule, Record<number, number>][] = [
  ['constant', constantSchedule(0.3), {0: 0.3, 999: 0.3}],
  ['step: a tenth every 30', stepSchedule(1, {every: 30}), {0: 1, 29: 1, 30: 0.1, 59: 0.1, 60: 0.01}],
  ['step: by a half', stepSchedule(1, {every: 2, factor: 0.5}), {1: 1, 2: 0.5, 5: 0.25}],
  [
    'multi-step: at 16 and 22',
    multiStepSchedule(2, {milestones: [16, 22]}),
    {15: 2, 16: 0.2, 21: 0.2, 22: 0.02},
  ],
  ['exponential', exponentialSchedule(1, {factor: 0.5}), {0: 1, 3: 0.125}],
  ['1/t', inverseTimeSchedule(1, {decay: 0.5}), {0: 1, 2: 0.5, 6: 0.25}],
  ['polynomial', polynomialSchedule(1, {steps: 4, power: 2, end: 0.2}), {0: 1, 2: 0.4, 4: 0.2, 9: 0.2}],
  ['polynomial, linear', polynomialSchedule(1, {steps: 4, power: 1}), {1: 0.75, 3: 0.25, 4: 0}],
  ['cosine', cosineSchedule(1, {steps: 6, end: 0.2}), {0: 1, 2: 0.8, 3: 0.6, 4: 0.4, 6: 0.2, 7: 0.2}],
  ['warm-up', warmUp(stepSchedule(1, {every: 10}), {steps: 5}), {0: 0, 1: 0.2, 4: 0.8, 5: 1, 14: 1, 15: 0.1}],
  ['warm-up from a start', warmUp(constantSchedule(2), {steps: 4, from: 0.5}), {0: 1, 2: 1.5, 4: 2}],
];

for (const [name, schedule, points] of table) {
  test(`the schedule goes through its points: ${name}`, t => {
    for (const [step, rate] of Object.entries(points)) {
      t.true(
        Math.abs(schedule(Number(step)) - rate) < 1e-12,
        `step ${step}: ${schedule(Number(step))}, expected ${rate}`,
      );
    }
  });
}
