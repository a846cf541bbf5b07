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
// Drawing
export {type Cell, type ContactSheetOptions, contactSheet} from './draw/contactSheet.js';
export {type CurveOptions, curve, type Panel, type Series} from './draw/curve.js';
export {encodePng} from './draw/encodePng.js';
export {type LabelledImageOptions, labelledImage} from './draw/labelledImage.js';
// Evaluation
export {type EvaluateOptions, evaluate} from './evaluate.js';
// Prediction
export {imageFiles} from './predict/imageFiles.js';
export {
  type BrokenImage,
  BrokenImagesError,
  type FilePrediction,
  type PredictOptions,
  predict,
} from './predict/predict.js';
export type {Batch, BatchOptions, Meter, Task, TaskDescription} from './task.js';
// Training
export {
  type Checkpoint,
  loadCheckpoint,
  type SaveCheckpointOptions,
  saveCheckpoint,
} from './train/checkpoint.js';
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
