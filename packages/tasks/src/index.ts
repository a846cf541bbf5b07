// Tasks: a model tied to a job

export {type EvaluateOptions, evaluate} from './evaluate.js';
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
  type SmallerRecord,
  type StartRecord,
  type StepRecord,
} from './train/log.js';
export type {OptimizerName} from './train/optimizers.js';
export {OutOfMemoryError} from './train/outOfMemoryError.js';
export type {RunFiles} from './train/runFolder.js';
export type {ScheduleName} from './train/schedules.js';
export {train} from './train/train.js';
export {trainingCurve} from './train/trainingCurve.js';
export type {TrainOptions} from './train/trainOptions.js';
export {type TrainProgress, trainProgressBar} from './train/trainProgress.js';
export type {TrainResult} from './train/trainResult.js';

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
export {type ResultSource, resultSource} from './predict/resultSource.js';
export {type Shard, shardFrom, shardPath} from './predict/shard.js';

// Classification: one label for each whole image

export type {CategoryMetrics, ClassificationMetrics} from './classification/classificationMeter.js';
export {
  type Classification,
  type Classifier,
  type ClassifierOptions,
  classifier,
  type LabelledBatch,
  type ScoredCategory,
} from './classification/classifier.js';
export {type EnsembleOptions, ensemble} from './classification/ensemble.js';
export {thinnedAverage, thinnedNetworks} from './classification/thinnedNetworks.js';

// Detection: a box and a category for each object

export type {CategoryDetections, DetectionMetrics} from './detection/detectionMetrics.js';
export type {
  DetectionBatch,
  DetectionNetwork,
  Detections,
  ImageTransform,
  NetworkDetections,
  PixelSize,
  Placement,
  Target,
} from './detection/detectionNetwork.js';
export type {DetectionRecord, FoundObject} from './detection/detectionRecord.js';
export {type Detector, type DetectorOptions, detector} from './detection/detectionTask.js';
export {type DetectorNamedOptions, detectorNamed} from './detection/detectorNamed.js';
export {
  type DetectorName,
  type DetectorRecord,
  type DetectorRequest,
  type DetectorSettings,
  detectors,
} from './detection/detectors.js';
export type {MeasuredImage} from './detection/measuredImage.js';
export {mosaicAugment} from './detection/mosaicAugment.js';
export {type DetectionError, type ErrorKind, worstErrors} from './detection/worstErrors.js';
export {writeDetectionReport} from './detection/writeDetectionReport.js';

// Faster R-CNN, and its parts

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

// YOLO

export {type Anchors, type KMeansAnchorsOptions, kMeansAnchors} from './detection/yolo/kMeansAnchors.js';
export {letterbox} from './detection/yolo/letterbox.js';
export {wholeImage} from './detection/yolo/wholeImage.js';
export {Yolo, type YoloSettings} from './detection/yolo/yolo.js';
export {type YoloNetworkOptions, yoloNetwork} from './detection/yolo/yoloNetwork.js';
export type {YoloPredictions} from './detection/yolo/yoloPredictions.js';

// One object an image

export {
  type Localization,
  type Localizer,
  type LocalizerBatch,
  type LocalizerOptions,
  localizer,
} from './detection/localizer.js';
export type {LocalizerMetrics} from './detection/localizerMeter.js';
export {
  type Localized,
  LocalizerNetwork,
  type LocalizerNetworkOptions,
} from './detection/localizerNetwork.js';

// Mask R-CNN: a mask for each object, too

export {MaskHead, MaskPredictor} from './instance/maskHead.js';
export {MaskRcnn, maskRcnn, maskRcnnResNet50Fpn} from './instance/maskRcnn.js';

// Segmentation: a class for each pixel

export {type BorderWeightOptions, borderWeights} from './segmentation/borderWeights.js';
export {classMapsOfMasks} from './segmentation/classMapsOfMasks.js';
export {connectedComponents} from './segmentation/connectedComponents.js';
export {DeconvNet, type DeconvNetOptions, deconvNet} from './segmentation/deconvNet.js';
export {EncoderFcn, type EncoderFcnOptions} from './segmentation/encoderFcn.js';
export {EncoderUNet, type EncoderUNetOptions} from './segmentation/encoderUNet.js';
export {EspNet, type EspNetOptions, espNet} from './segmentation/espNet.js';
export {Fcn, type FcnOptions, type FcnStride, fcn8s, fcn16s, fcn32s} from './segmentation/fcn.js';
export {FcnResNet, type FcnResNetOptions, fcnResNet50, fcnResNet101} from './segmentation/fcnResNet.js';
export {indexPng} from './segmentation/indexPng.js';
export {PatchClassifier, type PatchClassifierOptions} from './segmentation/patchClassifier.js';
export type {SegmentationBatch} from './segmentation/pixelBatches.js';
export {
  type PredictClassesOptions,
  predictClasses,
  type SegmentationPredictOptions,
} from './segmentation/predictClasses.js';
export {type PixelAccuracy, publishedSegmenters} from './segmentation/publishedSegmenters.js';
export type {PixelLossName, SegmentationLossOptions} from './segmentation/segmentationLosses.js';
export {SegmentationMeter, type SegmentationMetrics} from './segmentation/segmentationMeter.js';
export {
  type SegmentationBuildOptions,
  type SegmentationModelName,
  type SegmentationModelRecord,
  segmentationModels,
} from './segmentation/segmentationModels.js';
export type {SegmentationNetwork} from './segmentation/segmentationNetwork.js';
export {
  type Segmentation,
  type Segmenter,
  type SegmenterOptions,
  segmenter,
} from './segmentation/segmenter.js';
export {type Tile, tilesOf} from './segmentation/tiles.js';
export {UNet, type UNetOptions, uNet, uNetMargin, uNetPaper} from './segmentation/unet.js';

// Autoencoders, and principal components

export type {ActivationName} from './autoencoder/activation.js';
export {
  Autoencoder,
  type AutoencoderOptions,
  type AutoencoderPass,
  type OutputKind,
} from './autoencoder/autoencoder.js';
export {
  type AutoencoderLossOptions,
  autoencoderLosses,
  type ReconstructionLoss,
  type SparsitySettings,
} from './autoencoder/autoencoderLosses.js';
export {AutoencoderMeter, type AutoencoderMetrics} from './autoencoder/autoencoderMeter.js';
export {
  type AutoencoderBuildOptions,
  type AutoencoderModelName,
  type AutoencoderModelRecord,
  autoencoderModels,
} from './autoencoder/autoencoderModels.js';
export {
  type AutoencoderBatch,
  type AutoencoderTask,
  type AutoencoderTaskOptions,
  autoencoder,
  type Reconstruction,
} from './autoencoder/autoencoderTask.js';
export {contraction} from './autoencoder/contractive.js';
export {
  ConvolutionalAutoencoder,
  type ConvolutionalAutoencoderOptions,
} from './autoencoder/convolutionalAutoencoder.js';
export {Corruption, type CorruptionSettings} from './autoencoder/corruption.js';
export {
  DenseAutoencoder,
  type DenseAutoencoderOptions,
  linearAutoencoder,
} from './autoencoder/denseAutoencoder.js';
export {EncoderBackbone, type EncoderBackboneOptions} from './autoencoder/encoderBackbone.js';
export {Pca, pca} from './autoencoder/pca.js';
export {klSparsity, l1Sparsity} from './autoencoder/sparsity.js';
export {type StackedPretrainingOptions, stackedPretraining} from './autoencoder/stackedPretraining.js';
export {type SymmetricEigen, symmetricEigen} from './autoencoder/symmetricEigen.js';
export {toImages} from './autoencoder/toImages.js';
export {
  normalDivergence,
  VariationalAutoencoder,
  type VariationalAutoencoderOptions,
} from './autoencoder/variational.js';

// Seeing inside a network

export {activationMaps} from './explain/activationMaps.js';
export {type ConvolutionShape, convolutionOutput} from './explain/convolutionOutput.js';
export {deconvnet} from './explain/deconvnet.js';
export {firstLayerFilters} from './explain/firstLayerFilters.js';
export {gradCam} from './explain/gradCam.js';
export {guidedBackprop} from './explain/guidedBackprop.js';
export {inputGradient} from './explain/inputGradient.js';
export {applyKernel, type Kernel, type KernelName, kernels} from './explain/kernels.js';
export {type LayerSummary, type ModelSummary, modelSummary} from './explain/modelSummary.js';
export {type NetworkSummary, networkSummary} from './explain/networkSummary.js';
export {type Occlusion, type OcclusionOptions, occlusion} from './explain/occlusion.js';
export {PixelScores} from './explain/pixelScores.js';
export {type ReceptiveField, receptiveField, type SlidingWindow} from './explain/receptiveField.js';
export {registrySummary} from './explain/registrySummary.js';
export {saliency} from './explain/saliency.js';
export type {ExplainedTarget} from './explain/target.js';
export {type TopRegion, TopRegions, type TopRegionsOptions, topRegions} from './explain/topRegions.js';

// Drawing

export {type ConfusionChartOptions, confusionChart} from './draw/confusionChart.js';
export {type Cell, type ContactSheetOptions, contactSheet} from './draw/contactSheet.js';
export {type CurveOptions, curve, type Panel, type Series} from './draw/curve.js';
export {type EmbeddingChartOptions, embeddingChart} from './draw/embeddingChart.js';
export {encodePng} from './draw/encodePng.js';
export {type FilterSheetOptions, filterSheet} from './draw/filterSheet.js';
export {type LabelledImageOptions, labelledImage} from './draw/labelledImage.js';
export {type Marks, type OverlayOptions, overlaidImage, overlay} from './draw/overlay.js';
export {
  type PrecisionRecallCurve,
  type PrecisionRecallOptions,
  precisionRecall,
} from './draw/precisionRecall.js';
export {
  type ReconstructionGridOptions,
  type ReconstructionRow,
  reconstructionGrid,
} from './draw/reconstructionGrid.js';
