import {curve, type Panel} from '../draw/curve.js';
import type {EpochRecord, LogRecord, StepRecord} from './log.js';

/**
 * Draws a run's losses and, where the log has them, accuracy or other shares, from the log's records.
 *
 * @param shares - Names of metrics in [0, 1], with the titles of their panels. @defaultValue top-1 accuracy
 * @returns The bytes of a PNG, or undefined if the log has no steps yet.
 */
export async function trainingCurve(
  records: readonly LogRecord[],
  title: string,
  shares: Readonly<Record<string, string>> = {top1: 'top-1 accuracy'},
): Promise<Buffer | undefined> {
  const steps = records.filter((record): record is StepRecord => record.type === 'step');
  const epochs = records.filter((record): record is EpochRecord => record.type === 'epoch');
  if (steps.length === 0) return undefined;

  const losses = thinned(steps.map(({epoch, loss}) => [epoch, loss] as const));
  const smooth = runningMean(losses, Math.max(1, Math.round(losses.length / 25)));
  const validation = (key: string) =>
    epochs.flatMap(({epoch, validation}) => {
      const value = (validation as Record<string, unknown> | undefined)?.[key];
      return typeof value === 'number' ? [[epoch, value] as const] : [];
    });
  const panels: Panel[] = [
    {
      title: 'loss',
      series: [
        ...(smooth === losses
          ? []
          : [{name: 'every few steps', points: losses, style: 'faint', color: 0} as const]),
        {name: 'training', points: smooth, color: 0},
        ...marked(validation('loss')),
      ],
    },
  ];
  for (const [key, title] of Object.entries(shares)) {
    const points = validation(key);
    if (points.length) panels.push({title, percent: true, series: marked(points)});
  }
  return curve({title, xName: 'epoch', panels});
}

type Points = (readonly [number, number])[];

const marked = (points: Points) =>
  points.length
    ? [{name: 'validation', points, style: points.length > 60 ? 'line' : 'marked', color: 1} as const]
    : [];

/** No more points than there are pixels, each the mean of some neighbours: a long run has a hundred thousand. */
function thinned(points: Points): Points {
  const size = Math.ceil(points.length / 800);
  if (size === 1) return points;
  return Array.from({length: Math.ceil(points.length / size)}, (_, i) => {
    const near = points.slice(i * size, (i + 1) * size);
    return [near[near.length - 1][0], near.reduce((sum, [, y]) => sum + y, 0) / near.length];
  });
}

/** The mean over a window around each point; narrow at the start, where the loss falls fast, and not at the end. */
function runningMean(points: Points, window: number): Points {
  if (window < 2) return points;
  return points.map(([x], i) => {
    const reach = Math.min(window, i);
    const near = points.slice(i - reach, i + reach + 1);
    return [x, near.reduce((sum, [, y]) => sum + y, 0) / near.length];
  });
}
