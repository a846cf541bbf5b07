import type {Dataset, Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {BatchOptions, Task} from '../task.js';
import {DetectionMeter} from './detectionMeter.js';
import type {DetectionMetrics} from './detectionMetrics.js';
import type {DetectionNetwork, Detections} from './detectionNetwork.js';
import {inColour, type ObjectBatch, objectBatches} from './objectBatches.js';
import {shapeGroups} from './shapeGroups.js';
import {toDetections} from './toDetections.js';

export interface DetectorOptions {
  /** Names of what is to be found, in the order of the network's labels. */
  categories: readonly string[];
  /** The network's name in the table of detectors; a checkpoint can be opened by itself then. */
  name?: string;
  /** What the network was built with, for its checkpoint. @defaultValue `{}` */
  options?: Record<string, unknown>;
  /** The number by which the best checkpoint is chosen. @defaultValue 'AP' */
  score?: 'AP' | 'AP50';
  /** Images at once in evaluation and prediction. @defaultValue 4 */
  evaluationBatch?: number;
}

/** A network that finds objects, as a task. */
export interface Detector extends Task<ObjectBatch, Detections, DetectionMetrics> {
  readonly model: DetectionNetwork;
  meter(): DetectionMeter;
}

/**
 * Ties a network that finds objects to its job: batches with boxes (and masks) where the network sees them, COCO's
 * numbers, and detections in pixels of the original image. Images without objects are learnt from as negatives; crowds
 * are left out of training, and count neither as found nor as missed.
 */
export function detector(
  network: DetectionNetwork,
  {categories, name, options = {}, score = 'AP', evaluationBatch = 4}: DetectorOptions,
): Detector {
  return {
    model: network,
    description: {
      task: network.learnsMasks ? 'instance' : 'detection',
      model: name,
      options,
      categories,
      preprocess: undefined,
    },
    evaluationBatch,
    curves: {
      AP: 'average precision of boxes',
      AP50: 'average precision at half overlap',
      ...(network.learnsMasks && {maskAP: 'average precision of masks'}),
    },
    batches: (dataset: Dataset, batching: BatchOptions) => objectBatches(network, dataset, batching),
    groups: shapeGroups,
    losses: batch => network.losses(batch),
    meter: () => new DetectionMeter(network, categories),
    score: metrics => (score === 'AP' ? (metrics.maskAP ?? metrics.AP) : metrics.AP50),
    predict: images => detect(network, images),
  };
}

async function detect(network: DetectionNetwork, images: readonly Image[]): Promise<Detections[]> {
  if (images.length === 0) return [];
  const input = network.imageTransform.toInput(images.map(inColour));
  try {
    const found = network.detect(input.images, input.placements);
    try {
      return await Promise.all(found.map((one, i) => toDetections(one, input.placements[i])));
    } finally {
      tf.dispose(found as unknown as tf.TensorContainer);
    }
  } finally {
    input.images.dispose();
  }
}
