// Facts from torchvision 0.14 to 0.29 (its weights' enums).
import type {Preprocess} from '@foveal/core';
import {imageNetEval, type WeightsRecord} from '@foveal/models';

/** How well pixels are told apart, in percent. */
export interface PixelAccuracy {
  meanIou: number;
  pixelAccuracy: number;
}

/** Trained with a shorter side of 520 pixels, of which parts were cut. */
const preprocess: Preprocess = {...imageNetEval, inputSize: [520, 520], resize: 520};

/** torchvision's names end in the first eight digits of the checksum. */
function fcn(file: string, parameters: number, accuracy: PixelAccuracy): WeightsRecord<PixelAccuracy> {
  return {
    url: `https://download.pytorch.org/models/${file}.pth`,
    sha256: file.slice(-8),
    parameters,
    metrics: {'COCO val2017, labels of Pascal VOC': accuracy},
    preprocess,
    categories: 'background, then the 20 classes of Pascal VOC in their own order',
    licence: 'BSD-3-Clause (torchvision); trained on images of COCO, each under its own licence',
  };
}

/** Weights that others have published, by the names in `segmentationModels`. */
// biome-ignore format: a table
export const publishedSegmenters = {
  fcn_resnet50:  {COCO_WITH_VOC_LABELS_V1: fcn('fcn_resnet50_coco-1167a1af', 35_322_218, {meanIou: 60.5, pixelAccuracy: 91.4})},
  fcn_resnet101: {COCO_WITH_VOC_LABELS_V1: fcn('fcn_resnet101_coco-7ecb50ca', 54_314_346, {meanIou: 63.7, pixelAccuracy: 91.9})},
} satisfies Record<string, Record<string, WeightsRecord<PixelAccuracy>>>;
