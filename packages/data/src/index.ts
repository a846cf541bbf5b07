// Images and samples

export {cropImage, type Region} from './cropImage.js';
export {type DecodeOptions, decodeImage} from './decodeImage.js';
export type {Image} from './image.js';
export {ImageDecodeError} from './imageDecodeError.js';
export type {Sample, Transform} from './sample.js';

// Datasets

export {type Dataset, type SplitOptions, split, subset} from './dataset.js';
export {DatasetError} from './datasetError.js';
export {type Decoder, onlyWhole} from './decoder.js';
export {type Cifar100Options, type CifarOptions, cifar10, cifar100} from './readers/cifar.js';
export {imageFolder} from './readers/imageFolder.js';
export {type MnistOptions, mnist} from './readers/mnist.js';

// Changes made at random while training

export {compose} from './transforms/compose.js';
export {randomCrop} from './transforms/randomCrop.js';
export {randomFlip} from './transforms/randomFlip.js';

// Batches

export {applyPreprocess} from './applyPreprocess.js';
export {type Batches, type BatchesOptions, batches, type ImageBatch} from './batches.js';
export {type CropCount, cropCounts, cropViews} from './cropViews.js';
export {aspectGroups, groupedOrder} from './groupedOrder.js';
export type {ReadingOptions, SkippedFile} from './readAhead.js';
export {type SampleBatch, type SampleBatches, samples} from './samples.js';
export {type DecodeAhead, decodeAhead} from './threads/decodeAhead.js';
export type {Decoded, DecodeJob} from './threads/decodeJob.js';

// Metrics

export {type CocoEvalOptions, type CocoMetrics, cocoEval} from './metrics/coco.js';
export {type CocoCurve, cocoCurves} from './metrics/cocoCurves.js';
export type {CocoDetection, CocoTruth} from './metrics/cocoProtocol.js';

// Labelled objects and pixels

export type {AnnotatedDataset, ImageRecord, ObjectRecord} from './annotations/annotatedDataset.js';
export {AnnotationError} from './annotations/annotationError.js';
export {type Box, type BoxFault, boxFault, boxTolerance, clipBox} from './annotations/boxRule.js';
export {type Problem, type ProblemOptions, problemText} from './annotations/problems.js';
export {boxOverlap} from './boxOverlap.js';
export {checkSample} from './checkSample.js';
export {
  type CategoryCount,
  type Inspection,
  type InspectOptions,
  inspect,
  type Spread,
} from './inspect.js';
export type {Rgb} from './readers/classMap.js';
export {type CocoDataset, type CocoOptions, coco} from './readers/coco.js';
export {
  type CocoScoringOptions,
  type CocoTruths,
  readCocoResults,
  readCocoTruths,
} from './readers/cocoScoring.js';
export {
  type IndexMasksOptions,
  type InstanceMasksOptions,
  indexMasks,
  instanceMasks,
} from './readers/instanceMasks.js';
export {type MaskFolderOptions, maskFolder} from './readers/maskFolder.js';
export {type TableOptions, table} from './readers/table.js';
export {type VocOptions, voc} from './readers/voc.js';
export {type YoloOptions, yolo} from './readers/yolo.js';
export {ignoredClass} from './sample.js';

// Metrics of classes, pixels and Pascal VOC

export {
  type ClassScore,
  type ConfusionMatrix,
  type ConfusionMatrixOptions,
  type ConfusionScores,
  confusionMatrix,
  confusionScores,
} from './metrics/confusionMatrix.js';
export {type SegmentationScores, segmentationScores} from './metrics/segmentationScores.js';
export {type TopKOptions, topK} from './metrics/topK.js';
export {
  type VocAp,
  type VocApOptions,
  type VocCategoryAp,
  type VocDetections,
  type VocTruths,
  vocAp,
} from './metrics/vocAp.js';

// Changes of images with their objects

export {adjustBrightness, adjustContrast, adjustHue, adjustSaturation} from './transforms/adjustColor.js';
export {type AutoContrastOptions, autoContrast} from './transforms/autoContrast.js';
export {boxesFromMasks} from './transforms/boxesFromMasks.js';
export {type CenterCropOptions, centerCrop} from './transforms/centerCrop.js';
export {type ColorJitterOptions, colorJitter} from './transforms/colorJitter.js';
export {cutmix} from './transforms/cutmix.js';
export type {Fill} from './transforms/grid.js';
export type {LabelledImages, MixBatch, MixedBatch} from './transforms/mixedBatch.js';
export {mixup} from './transforms/mixup.js';
export {type Four, type MosaicOptions, mosaic} from './transforms/mosaic.js';
export type {VisibleRule} from './transforms/moveSample.js';
export {type PadOptions, pad} from './transforms/pad.js';
export {type RandomAffineOptions, randomAffine} from './transforms/randomAffine.js';
export type {RandomCropOptions} from './transforms/randomCrop.js';
export {type RandomErasingOptions, randomErasing} from './transforms/randomErasing.js';
export type {RandomFlipOptions} from './transforms/randomFlip.js';
export {type RandomResizedCropOptions, randomResizedCrop} from './transforms/randomResizedCrop.js';
export {type ResizeOptions, resize} from './transforms/resize.js';
export type {Size} from './transforms/size.js';

// Scenes composed at run time

export {type DigitScenesOptions, digitScenes} from './scenes/digitScenes.js';
