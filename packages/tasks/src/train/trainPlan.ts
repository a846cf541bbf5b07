import type {TrainSettings} from './trainOptions.js';

/** How long a training is. */
export interface TrainPlan {
  /** The last step of an epoch may be of fewer batches, and its last batch of fewer images. */
  stepsPerEpoch: number;
  /** Of the whole training. */
  steps: number;
  /** Epochs begun in those. */
  epochs: number;
}

/** Counts steps and epochs from whichever of the two the settings name. */
export function trainPlan(
  {
    epochs,
    steps,
    batchSize,
    accumulate,
  }: Pick<TrainSettings, 'epochs' | 'steps' | 'batchSize' | 'accumulate'>,
  images: number,
): TrainPlan {
  const stepsPerEpoch = Math.ceil(images / (batchSize * accumulate));
  return steps === undefined
    ? {stepsPerEpoch, steps: (epochs ?? 0) * stepsPerEpoch, epochs: epochs ?? 0}
    : {stepsPerEpoch, steps, epochs: Math.ceil(steps / stepsPerEpoch)};
}
