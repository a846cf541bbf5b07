import type {LogRecord} from './log.js';
import {metricsToFollow} from './metricsToFollow.js';

/** What TensorBoard is to draw of a line of the log, by tag; nothing of lines that hold no figures. */
export function scalarsOf(record: LogRecord): Record<string, number> {
  if (record.type === 'step') {
    const {loss, losses, learningRate, imagesPerSecond, gradientNorm} = record;
    const named = Object.entries(losses);
    return {
      'train/loss': loss,
      ...(named.length > 1 &&
        Object.fromEntries(named.map(([name, value]) => [`train/loss/${name}`, value]))),
      'train/learningRate': learningRate,
      'train/imagesPerSecond': imagesPerSecond,
      ...(gradientNorm !== undefined && {'train/gradientNorm': gradientNorm}),
    };
  }
  if (record.type !== 'epoch') return {};
  return {
    'epoch/loss': record.loss,
    ...Object.fromEntries(
      metricsToFollow(record.validation).map(([name, value]) => [`validation/${name}`, value]),
    ),
  };
}
