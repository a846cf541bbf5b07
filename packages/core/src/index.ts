// Boxes: their convention, and its exceptions by name
export {boxArea, clipBoxes, cxcywhToXyxy, xyxyToCxcywh, xyxyToYxyx} from './boxes.js';
// Engines

export {
  type EngineDevice,
  type EngineReport,
  type EngineReportEntry,
  engineReport,
} from './engine/engineReport.js';
export type {EngineName, SkippedEngine} from './engine/engines.js';
export {fallbacks} from './engine/fallbacks.js';
export {nearestName} from './engine/nearestName.js';
export {type EngineInfo, selectEngine} from './engine/selectEngine.js';
// Checks
export {type GradCheckOptions, type GradCheckReport, gradCheck} from './gradCheck.js';
// Modules: parts of a model, whose parameters are named by their paths
export {
  Elu,
  Identity,
  LeakyRelu,
  Maxout,
  PRelu,
  Relu,
  Sigmoid,
  Tanh,
} from './nn/activations.js';
export {AdaptiveAvgPool2d, GlobalAvgPool2d} from './nn/adaptiveAvgPool2d.js';
export {AvgPool2d, type AvgPool2dOptions} from './nn/avgPool2d.js';
export {
  BatchNorm1d,
  BatchNorm2d,
  type BatchNormModuleOptions,
  type NormForwardOptions,
} from './nn/batchNorm2d.js';
export {Conv2d, type Conv2dModuleOptions, type ConvolutionEnd} from './nn/conv2d.js';
export {type ConvNormOptions, convNorm, type EndsConvolution} from './nn/convolutionEnds.js';
export {ConvTranspose2d, type ConvTranspose2dModuleOptions} from './nn/convTranspose2d.js';
export {defaultRandom, seedDefaultRandom} from './nn/defaultRandom.js';
export {Dropout} from './nn/dropout.js';
export {Flatten, flatten} from './nn/flatten.js';
export {FrozenBatchNorm2d} from './nn/frozenBatchNorm2d.js';
export {hingeLoss} from './nn/hingeLoss.js';
export * as init from './nn/init.js';
export {Linear, type LinearOptions, linear} from './nn/linear.js';
export {LocalResponseNorm} from './nn/localResponseNorm.js';
export {MaxPool2d, type MaxPool2dOptions} from './nn/maxPool2d.js';
export {Module} from './nn/module.js';
export {mseLoss} from './nn/mseLoss.js';
export {type PaddingMode, pad2d} from './nn/pad2d.js';
export {buffer, parameter, pathOf} from './nn/parameter.js';
export {type Layer, Sequential} from './nn/sequential.js';
export type {StateDiff} from './nn/stateDiff.js';
export {untaped} from './nn/untaped.js';
// Ops, each with its gradient
export {type AdaDeltaStepOptions, adaDeltaStep} from './ops/adaDeltaStep.js';
export {type AdaGradStepOptions, adaGradStep} from './ops/adaGradStep.js';
export {type AdamStepOptions, adamStep} from './ops/adamStep.js';
export {addRelu} from './ops/addRelu.js';
export {batchNorm} from './ops/batchNorm.js';
export {type BatchNormOptions, batchNormTrain} from './ops/batchNormTrain.js';
export {boxIou} from './ops/boxIou.js';
export {type BoxLossOptions, ciouLoss, diouLoss, giouLoss, iouLoss} from './ops/boxLosses.js';
export {type Conv2dOptions, conv2d, outputSize} from './ops/conv2d.js';
export {type ConvTranspose2dOptions, convTranspose2d} from './ops/convTranspose2d.js';
export {type CropAndResizeOptions, cropAndResize} from './ops/cropAndResize.js';
export {type DropoutOptions, dropout} from './ops/dropout.js';
export {type FocalLossOptions, focalLoss} from './ops/focalLoss.js';
export {
  type ConvolutionNorm,
  type FusedActivation,
  type FusedConv2dOptions,
  fusedConv2d,
} from './ops/fusedConv2d.js';
export {indicesWhere} from './ops/indicesWhere.js';
export {type LocalResponseNormOptions, localResponseNorm} from './ops/localResponseNorm.js';
export {maxPoolWithIndices, maxUnpool} from './ops/maxUnpool.js';
export {batchedNms, type NonMaxSuppressionOptions, nonMaxSuppression} from './ops/nonMaxSuppression.js';
export {type DiceLossOptions, diceLoss, jaccardLoss, type OverlapLossOptions} from './ops/overlapLoss.js';
export {type PasteMasksOptions, pasteMaskRles, pasteMasks} from './ops/pasteMasks.js';
export {type PixelCrossEntropyOptions, pixelCrossEntropy} from './ops/pixelCrossEntropy.js';
export {type ReluRule, withReluRule} from './ops/reluGradient.js';
export {type Resize2dOptions, resize2d} from './ops/resize2d.js';
export {type RmsPropStepOptions, rmsPropStep} from './ops/rmsPropStep.js';
export {type RoiAlignOptions, roiAlign} from './ops/roiAlign.js';
export {type RoiPoolOptions, roiPool} from './ops/roiPool.js';
export {type DecayOptions, type SgdStepOptions, sgdStep} from './ops/sgdStep.js';
export {
  type SigmoidCrossEntropyOptions,
  type SigmoidFocalLossOptions,
  sigmoidCrossEntropy,
  sigmoidFocalLoss,
} from './ops/sigmoidFocalLoss.js';
export {type SmoothL1LossOptions, smoothL1Loss} from './ops/smoothL1Loss.js';
export {
  type Reduction,
  type SoftmaxCrossEntropyOptions,
  softmaxCrossEntropy,
} from './ops/softmaxCrossEntropy.js';
export {type SoftNmsOptions, softNms} from './ops/softNms.js';
export {topKIndices} from './ops/topKIndices.js';
// Optimizers, their learning rates, and the average of a model
export {AdaDelta, type AdaDeltaOptions} from './optim/adaDelta.js';
export {AdaGrad, type AdaGradOptions} from './optim/adaGrad.js';
export {Adam, type AdamOptions, AdamW} from './optim/adam.js';
export {clipGradNorm, clipGradValue} from './optim/clip.js';
export {Ema, type EmaOptions} from './optim/ema.js';
export {maxNorm} from './optim/maxNorm.js';
export {Optimizer, type OptimizerOptions} from './optim/optimizer.js';
export type {ParameterGroup, ParameterList} from './optim/parameterGroup.js';
export {parameterGroups} from './optim/parameterGroups.js';
export {RmsProp, type RmsPropOptions} from './optim/rmsProp.js';
export {
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  inverseTimeSchedule,
  multiStepSchedule,
  polynomialSchedule,
  type Schedule,
  stepSchedule,
  warmUp,
} from './optim/schedules.js';
export {Sgd, type SgdOptions} from './optim/sgd.js';
// What a model expects of its images
export type {Preprocess} from './preprocess.js';
// Randomness is an argument
export {Random, type RandomState} from './random.js';
// masks
export {
  checkedRle,
  type Rle,
  rleArea,
  rleFromMask,
  rleFromString,
  rleIntersection,
  rleToBox,
  rleToMask,
  rleToString,
  rleUnion,
} from './rle.js';
export {rleFromPolygon} from './rlePolygon.js';
export {checkShapes, type ShapeClaim} from './shapes.js';
// Gradients of a training step
export {variableGrads} from './variableGrads.js';
