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
