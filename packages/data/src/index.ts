// Images and samples

export {type DecodeOptions, decodeImage} from './decodeImage.js';
export type {Image} from './image.js';
export {ImageDecodeError} from './imageDecodeError.js';
export type {Sample, Transform} from './sample.js';

// Datasets

export {type Dataset, type SplitOptions, split, subset} from './dataset.js';
export {DatasetError} from './datasetError.js';
export {type Cifar100Options, type CifarOptions, cifar10, cifar100} from './readers/cifar.js';
export {imageFolder} from './readers/imageFolder.js';
export {type MnistOptions, mnist} from './readers/mnist.js';

// Changes made at random while training

export {compose} from './transforms/compose.js';
export {randomCrop} from './transforms/randomCrop.js';
export {randomFlip} from './transforms/randomFlip.js';

// Batches

export {applyPreprocess} from './applyPreprocess.js';
export {type Batches, type BatchesOptions, batches, type ImageBatch, type SkippedFile} from './batches.js';

// Metrics

export {type CocoEvalOptions, type CocoMetrics, cocoEval} from './metrics/coco.js';
export type {CocoDetection, CocoTruth} from './metrics/cocoProtocol.js';
