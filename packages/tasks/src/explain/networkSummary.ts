import type {Module} from '@foveal/core';
import {models, readCfg, shapesOnly, type YoloName, yoloCfg, yoloNames} from '@foveal/models';
import {type AutoencoderModelName, autoencoderModels} from '../autoencoder/autoencoderModels.js';
import type {DetectionNetwork} from '../detection/detectionNetwork.js';
import {type DetectorName, detectorRecord, detectors} from '../detection/detectors.js';
import {FasterRcnn} from '../detection/fasterRcnn.js';
import {FastRcnn} from '../detection/fastRcnn.js';
import {Yolo} from '../detection/yolo/yolo.js';
import {type SegmentationModelName, segmentationModels} from '../segmentation/segmentationModels.js';
import {type ModelSummary, modelSummary} from './modelSummary.js';
import {registrySummary, Unfilled} from './registrySummary.js';

type Shape = [height: number, width: number, channels: number];

/** The layers of a network on an image; of an R-CNN also those that run for each box, whose number depends on the image. */
export interface NetworkSummary extends ModelSummary {
  inputShape: Shape;
  /** Layers that see what is pooled from a box; their fields are cells of that. */
  perBox?: (ModelSummary & {inputShape: Shape})[];
}

/** Names that {@link networkSummary} knows, besides a `.cfg`: of classifiers, segmenters, autoencoders and detectors. */
export const summaryNames = (): string[] => [
  ...Object.keys({...models, ...segmentationModels, ...autoencoderModels, ...detectors}).filter(
    name => name !== 'yolo',
  ),
  ...yoloNames,
];

/**
 * The layers of any network by its name, or of a darknet `.cfg`, with default options and without weights; an engine must
 * be selected.
 *
 * @param inputSize - `[height, width]` of its images. @defaultValue what the network was made for; 800 × 800 of an R-CNN
 * @throws RangeError if there is no such network.
 */
export async function networkSummary(
  name: string,
  inputSize?: readonly [number, number],
): Promise<NetworkSummary> {
  const sized = ([height, width]: readonly [number, number], channels = 3): Shape => [
    ...(inputSize ?? ([height, width] as const)),
    channels,
  ];
  const random = new Unfilled(0);
  if (name in models) return registrySummary(name as keyof typeof models, inputSize);
  if (name in segmentationModels) {
    const {build, preprocess} = segmentationModels[name as SegmentationModelName];
    return summaryOf(() => build({random}), sized(preprocess.inputSize));
  }
  if (name in autoencoderModels) {
    const {build} = autoencoderModels[name as AutoencoderModelName];
    return summaryOf(() => build({random, inputShape: sized([28, 28], 1)}), sized([28, 28], 1));
  }
  const published = yoloNames.includes(name as YoloName);
  if (published || name.endsWith('.cfg')) {
    const cfg = published ? yoloCfg(name as YoloName) : await readCfg(name);
    return detectorSummary(new Yolo(cfg, {random}), sized([cfg.net.height, cfg.net.width]));
  }
  if (name in detectors && name !== 'yolo') {
    const network = await detectorRecord(name as DetectorName).build({categories: 80, random, settings: {}});
    return detectorSummary(network, sized([800, 800]));
  }
  throw new RangeError(
    `there is no network ${JSON.stringify(name)}. There are: ${summaryNames().join(', ')}.`,
  );
}

const summaryOf = (build: () => Module, inputShape: Shape): NetworkSummary =>
  shapesOnly(() => ({...modelSummary(build(), inputShape), inputShape}));

function detectorSummary(network: DetectionNetwork, inputShape: Shape): NetworkSummary {
  try {
    if (network instanceof Yolo) {
      return {...modelSummary(network, inputShape, image => void network.network.forward(image)), inputShape};
    }
    if (!(network instanceof FasterRcnn || network instanceof FastRcnn))
      throw new RangeError(`${network.constructor.name} does not tell its layers.`);
    let channels = 0;
    const image = modelSummary(network, inputShape, images => {
      const maps = network.backbone.forward(images);
      channels = maps[0].shape[3];
      if (network instanceof FasterRcnn) for (const map of maps) network.rpn.head.forward(map);
    });
    const perBox = network.roi_heads.branches.map(({side, run}) => {
      const pooled: Shape = [side, side, channels];
      return {...modelSummary(network, pooled, run), inputShape: pooled};
    });
    return {...image, inputShape, perBox};
  } finally {
    network.dispose();
  }
}
