import {
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  polynomialSchedule,
  type Schedule,
  stepSchedule,
  warmUp,
} from '@foveal/core';

/** Schedules by name, over the steps that are left after the warm-up. */
const schedules = {
  constant: rate => constantSchedule(rate),
  cosine: (rate, steps) => cosineSchedule(rate, {steps}),
  /** Three levels, each a tenth of the one before. */
  step: (rate, steps) => stepSchedule(rate, {every: Math.max(1, Math.ceil(steps / 3))}),
  /** Down to a hundredth. */
  exponential: (rate, steps) => exponentialSchedule(rate, {factor: 0.01 ** (1 / steps)}),
  polynomial: (rate, steps) => polynomialSchedule(rate, {steps}),
} as const satisfies Record<string, (learningRate: number, steps: number) => Schedule>;

export type ScheduleName = keyof typeof schedules;
export const scheduleNames = Object.keys(schedules) as ScheduleName[];

/**
 * Makes the schedule that the settings name: the learning rate of each step, counted from 0.
 *
 * @param settings - `warmup` in epochs, `steps` of the whole training.
 */
export function makeSchedule(
  settings: {schedule: ScheduleName; learningRate: number; steps: number; warmup: number},
  stepsPerEpoch: number,
): Schedule {
  const {schedule, learningRate, steps, warmup} = settings;
  const warm = Math.min(Math.round(warmup * stepsPerEpoch), steps);
  const main = schedules[schedule](learningRate, Math.max(1, steps - warm));
  // From one step's share of the way up, not from 0: a step of length 0 would be a step wasted.
  return warm > 0 ? warmUp(main, {steps: warm, from: 1 / (warm + 1)}) : main;
}
