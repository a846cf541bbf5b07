import type {Dataset} from '@foveal/data';
import {type Image, type Sample, samples} from '@foveal/data';
import type {BatchOptions} from '../task.js';
import type {DetectionBatch, DetectionNetwork} from './detectionNetwork.js';
import type {Labelled} from './measuredImage.js';
import {toTarget, withObjects} from './toTarget.js';

/** Images with what a network learns from them, and with what is labelled in them as it is in the dataset. */
export interface ObjectBatch extends DetectionBatch {
  labelled: readonly Labelled[];
}

/** Reads a dataset in batches for a network. Masks are made for training only: nothing needs more memory. */
export async function* objectBatches(
  network: DetectionNetwork,
  dataset: Dataset,
  {batchSize, concurrency, training = false}: BatchOptions,
): AsyncGenerator<ObjectBatch, void, undefined> {
  const reading = {batchSize, ...(concurrency !== undefined && {concurrency})};
  for await (const {samples: read} of samples(dataset, reading)) {
    yield assemble(read, network, training && network.learnsMasks);
  }
}

function assemble(samples: readonly Sample[], network: DetectionNetwork, masks: boolean): ObjectBatch {
  const whole = samples.map(sample => withObjects(sample, masks));
  const {images, placements} = network.imageTransform.toInput(whole.map(({image}) => inColour(image)));
  const size = [images.shape[1], images.shape[2]] as const;
  return {
    images,
    placements,
    targets: whole.map((sample, i) => toTarget(sample, placements[i], size, masks)),
    files: whole.map(({file}) => file),
    labelled: whole.map(({image: {height, width}, boxes, labels, crowd, difficult, masks: all, file}) => ({
      boxes,
      labels,
      size: [height, width],
      ...(crowd && {crowd}),
      ...(difficult && {difficult}),
      ...(all && {masks: all}),
      file,
    })),
  };
}

/** Grey images become three equal channels. */
export function inColour(image: Image): Image {
  const {data, width, height, channels} = image;
  if (channels === 3) return image;
  const colour = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) colour.fill(data[i], 3 * i, 3 * i + 3);
  return {data: colour, width, height, channels: 3};
}
