// Tasks: a model tied to a job

export type {CategoryMetrics, ClassificationMetrics} from './classification/classificationMeter.js';
export {
  type Classification,
  type Classifier,
  type ClassifierOptions,
  classifier,
  type LabelledBatch,
  type ScoredCategory,
} from './classification/classifier.js';
export {type ConfusionChartOptions, confusionChart} from './draw/confusionChart.js';
// R-CNN: networks that propose boxes, and their parts

export {AnchorGenerator, type AnchorGeneratorOptions} from './detection/anchorGenerator.js';
export {
  type BalancedSample,
  BalancedSampler,
  type BalancedSamplerOptions,
} from './detection/balancedSampler.js';
export {type BoxWeights, decodeBoxes, encodeBoxes} from './detection/boxCoder.js';
export {type BoxHead, type BoxPredictions, FastRcnnPredictor, TwoMlpHead} from './detection/boxHead.js';
export {
  FasterRcnn,
  fasterRcnn,
  fasterRcnnResNet50Fpn,
  type RcnnParts,
} from './detection/fasterRcnn.js';
export {
  GeneralizedRcnnTransform,
  type GeneralizedRcnnTransformOptions,
} from './detection/generalizedRcnnTransform.js';
export {type MatchOptions, matchBoxes, matchOverlaps, noMatch} from './detection/matcher.js';
export {
  assignLevels,
  MultiScaleRoiAlign,
  type MultiScaleRoiAlignOptions,
} from './detection/multiScaleRoiAlign.js';
export type {RcnnBackbone, RcnnOptions} from './detection/rcnnParts.js';
export {
  type AnchorScores,
  RegionProposalNetwork,
  type RegionProposalOptions,
} from './detection/regionProposalNetwork.js';
export {
  type BoxBranch,
  type MaskBranch,
  RoiHeads,
  type RoiOptions,
  type RoiPooling,
} from './detection/roiHeads.js';
// Drawing
export {type Cell, type ContactSheetOptions, contactSheet} from './draw/contactSheet.js';
export {type CurveOptions, curve, type Panel, type Series} from './draw/curve.js';
export {encodePng} from './draw/encodePng.js';
export {type LabelledImageOptions, labelledImage} from './draw/labelledImage.js';
export {type Marks, type OverlayOptions, overlaidImage, overlay} from './draw/overlay.js';
export {
  type PrecisionRecallCurve,
  type PrecisionRecallOptions,
  precisionRecall,
} from './draw/precisionRecall.js';
// Evaluation
export {type EvaluateOptions, evaluate} from './evaluate.js';
export {MaskHead, MaskPredictor} from './instance/maskHead.js';
export {MaskRcnn, maskRcnn, maskRcnnResNet50Fpn} from './instance/maskRcnn.js';
// Prediction
export {type ImageFilesOptions, imageFiles} from './predict/imageFiles.js';
export {
  type BrokenImage,
  BrokenImagesError,
  type FilePrediction,
  type PredictOptions,
  predict,
} from './predict/predict.js';
export type {FileRecord, PredictionRecord, RecordFormat} from './predict/recordFormat.js';
export {type RemainingOptions, remaining} from './predict/remaining.js';
export {ResultFile, type ResultFileOptions} from './predict/resultFile.js';
export {type Shard, shardFrom, shardPath} from './predict/shard.js';
export {
  type AnyTask,
  type Batch,
  type BatchOptions,
  disposeBatch,
  type Meter,
  type Task,
  type TaskDescription,
} from './task.js';
export type {TaskName, TaskOf} from './taskKinds.js';
// Training
export {
  type Checkpoint,
  loadCheckpoint,
  type SaveCheckpointOptions,
  saveCheckpoint,
} from './train/checkpoint.js';
export type {Augment} from './train/dataOrder.js';
export {DivergedError} from './train/divergedError.js';
export {
  type EndRecord,
  type EpochRecord,
  type LogRecord,
  readLog,
  type StartRecord,
  type StepRecord,
} from './train/log.js';
export type {OptimizerName} from './train/optimizers.js';
export type {RunFiles} from './train/runFolder.js';
export type {ScheduleName} from './train/schedules.js';
export {train} from './train/train.js';
export {trainingCurve} from './train/trainingCurve.js';
export type {TrainOptions} from './train/trainOptions.js';
export {type TrainProgress, trainProgressBar} from './train/trainProgress.js';
export type {TrainResult} from './train/trainResult.js';

// R-CNN and Fast R-CNN, and proposals from outside

export {FastRcnn, type FastRcnnOptions, type FastRcnnParts, fastRcnn} from './detection/fastRcnn.js';
export {Rcnn, type RegionCnnOptions} from './detection/rcnn/rcnn.js';
export {
  type RcnnProgress,
  type RcnnStage,
  type TrainRcnnOptions,
  trainRcnn,
} from './detection/rcnn/trainRcnn.js';
export {RoiMaxPooling, type RoiMaxPoolingOptions} from './detection/roiMaxPooling.js';
export type {ColorSpace} from './detection/selectiveSearch/colorSpaces.js';
export {type ProposalSource, proposalCache} from './detection/selectiveSearch/proposalCache.js';
export {
  type SearchStrategies,
  type SelectiveSearchOptions,
  selectiveSearch,
} from './detection/selectiveSearch/selectiveSearch.js';
export type {Cue} from './detection/selectiveSearch/similarities.js';
