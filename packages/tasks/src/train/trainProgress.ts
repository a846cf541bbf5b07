import {bar, count, duration, percent} from '../terminal/format.js';
import {type StatusLine, statusLine} from '../terminal/statusLine.js';
import type {EpochRecord} from './log.js';
import {metricsToFollow} from './metricsToFollow.js';

/** How far a training is; sent after each step, while validating, and with `record` when an epoch is done. */
export interface TrainProgress {
  phase: 'train' | 'validate' | 'epoch';
  /** The epoch under way, from 1. */
  epoch: number;
  epochs: number;
  /** Steps done, in all. */
  step: number;
  steps: number;
  /** The share of this phase that is done, in [0, 1]. */
  share: number;
  /** The mean of the latest losses; NaN before the first. */
  loss: number;
  imagesPerSecond: number;
  secondsLeft: number;
  /** What the log says of the epoch; only in phase `epoch`. */
  record?: EpochRecord;
  /** Whether this is the last that is heard of the training. */
  last?: boolean;
}

/** Draws a training's progress on stderr: a bar on a terminal, a line every few seconds elsewhere. */
export function trainProgressBar(line: StatusLine = statusLine()): (progress: TrainProgress) => void {
  return progress => {
    const {phase, epoch, epochs, share, loss, imagesPerSecond, secondsLeft, record, last} = progress;
    const name = `epoch ${epoch}/${epochs}`;
    if (phase === 'train') {
      line.update(
        () =>
          `${name} ${bar(share)} ${percent(share, 0).padStart(5)} · loss ${figure(loss)} · ` +
          `${count(imagesPerSecond)} images/s · ${duration(secondsLeft)} left`,
      );
    } else if (phase === 'validate') {
      line.update(() => `${name} ${bar(share)} ${percent(share, 0).padStart(5)} · validating`);
    } else if (record) {
      line.note(summary(name, record));
      if (last) line.stop();
    }
  };
}

function summary(name: string, {loss, validation, imagesPerSecond, seconds, best}: EpochRecord): string {
  const metrics = metricsToFollow(validation);
  return [
    `${name}: loss ${figure(loss)}`,
    ...metrics.map(([key, value]) => `validation ${key} ${figure(value)}`),
    `${count(imagesPerSecond)} images/s`,
    duration(seconds),
    ...(best && validation ? ['best so far'] : []),
  ].join(' · ');
}

const figure = (value: number) => (Number.isFinite(value) ? value.toPrecision(4) : '…');
