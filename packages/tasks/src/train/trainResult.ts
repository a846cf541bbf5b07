import type {EpochRecord} from './log.js';
import type {RunFiles} from './runFolder.js';

export interface TrainResult {
  /** Steps done in all, those before a resumption included. */
  steps: number;
  /** What the log says of each epoch. */
  epochs: EpochRecord[];
  /** The best epoch and its score: the task's own, or minus the training loss without a validation set. */
  best: {epoch: number; score: number} | null;
  /** Whether `signal` ended it early. */
  interrupted: boolean;
  /** Whether `patience` ended it early. */
  early: boolean;
  /** Since the start or the resumption. */
  seconds: number;
  /** The files of the run's folder; undefined without `out`. */
  files: RunFiles | undefined;
}
