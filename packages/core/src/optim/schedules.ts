// Cosine: Loshchilov & Hutter, "SGDR", ICLR 2017, arXiv:1608.03983, equation 5. Warm-up: Goyal et al., "Accurate,
// Large Minibatch SGD", 2017, arXiv:1706.02677, section 2.2.

/** The learning rate of a step, counted from 0. Any unit serves, steps or epochs, as long as it is always the same. */
export type Schedule = (step: number) => number;

/** Always the same. */
export const constantSchedule =
  (learningRate: number): Schedule =>
  () =>
    learningRate;

/** Times `factor` every `every` steps. @defaultValue `factor` 0.1 */
export const stepSchedule =
  (learningRate: number, {every, factor = 0.1}: {every: number; factor?: number}): Schedule =>
  step =>
    learningRate * factor ** Math.floor(step / every);

/** Times `factor` at each of the milestones. @defaultValue `factor` 0.1 */
export const multiStepSchedule =
  (
    learningRate: number,
    {milestones, factor = 0.1}: {milestones: readonly number[]; factor?: number},
  ): Schedule =>
  step =>
    learningRate * factor ** milestones.filter(milestone => step >= milestone).length;

/** `learningRate · factor ^ step`. */
export const exponentialSchedule =
  (learningRate: number, {factor}: {factor: number}): Schedule =>
  step =>
    learningRate * factor ** step;

/** `learningRate / (1 + decay · step)`: 1/t decay. */
export const inverseTimeSchedule =
  (learningRate: number, {decay}: {decay: number}): Schedule =>
  step =>
    learningRate / (1 + decay * step);

/** Down to `end` in `steps` steps along `(1 − step / steps) ^ power`. @defaultValue `power` 0.9, `end` 0 */
export const polynomialSchedule =
  (
    learningRate: number,
    {steps, power = 0.9, end = 0}: {steps: number; power?: number; end?: number},
  ): Schedule =>
  step =>
    end + (learningRate - end) * (1 - Math.min(step / steps, 1)) ** power;

/** Down to `end` in `steps` steps along half a cosine. @defaultValue `end` 0 */
export const cosineSchedule =
  (learningRate: number, {steps, end = 0}: {steps: number; end?: number}): Schedule =>
  step =>
    end + ((learningRate - end) / 2) * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)));

/**
 * Rises in a straight line for `steps` steps, from `from` times the schedule's start up to it, and then follows the
 * schedule from its own step 0. @defaultValue `from` 0
 */
export const warmUp =
  (schedule: Schedule, {steps, from = 0}: {steps: number; from?: number}): Schedule =>
  step =>
    step < steps ? schedule(0) * (from + ((1 - from) * step) / steps) : schedule(step - steps);
