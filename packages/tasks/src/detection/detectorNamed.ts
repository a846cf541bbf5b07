import {defaultRandom, type Random} from '@foveal/core';
import {type Detector, type DetectorOptions, detector} from './detectionTask.js';
import {type DetectorName, type DetectorSettings, detectorRecord} from './detectors.js';

export interface DetectorNamedOptions extends Omit<DetectorOptions, 'name' | 'options'>, DetectorSettings {
  /** A file of a classifier's weights, for the backbone to start from. */
  backboneWeights?: string;
  /** Where parameters and choices start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/**
 * A detector of the table as a task. Its checkpoint tells all that it takes to open it, from the command line too; that
 * of {@link detector}, around a network of one's own, does not.
 *
 * @example await detectorNamed('fasterrcnn', {categories, backbone: 'resnet18', imageSize: 480})
 * @throws TypeError if there is no such backbone, or the network lacks a setting; WeightsFileError if the weights do not
 * fit the backbone.
 */
export async function detectorNamed(
  name: DetectorName,
  {
    categories,
    score,
    evaluationBatch,
    random = defaultRandom(),
    backboneWeights,
    ...settings
  }: DetectorNamedOptions,
): Promise<Detector> {
  const network = await detectorRecord(name).build({
    categories: categories.length,
    random,
    settings,
    ...(backboneWeights !== undefined && {backboneWeights}),
  });
  return detector(network, {
    categories,
    name,
    options: settings as Record<string, unknown>,
    ...(score && {score}),
    ...(evaluationBatch !== undefined && {evaluationBatch}),
  });
}
