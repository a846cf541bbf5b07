// Engines
export type {EngineName, SkippedEngine} from './engine/engines.js';
export {nearestName} from './engine/nearestName.js';
export {type EngineInfo, selectEngine} from './engine/selectEngine.js';

// Ops, each with its gradient
export {type AdaDeltaStepOptions, adaDeltaStep} from './ops/adaDeltaStep.js';
export {type AdaGradStepOptions, adaGradStep} from './ops/adaGradStep.js';
export {type AdamStepOptions, adamStep} from './ops/adamStep.js';
export {batchNorm} from './ops/batchNorm.js';
export {type BatchNormOptions, batchNormTrain} from './ops/batchNormTrain.js';
export {type Conv2dOptions, conv2d, outputSize} from './ops/conv2d.js';
export {type DropoutOptions, dropout} from './ops/dropout.js';
export {type LocalResponseNormOptions, localResponseNorm} from './ops/localResponseNorm.js';
export {type RmsPropStepOptions, rmsPropStep} from './ops/rmsPropStep.js';
export {type RoiAlignOptions, roiAlign} from './ops/roiAlign.js';
export {type DecayOptions, type SgdStepOptions, sgdStep} from './ops/sgdStep.js';
export {
  type Reduction,
  type SoftmaxCrossEntropyOptions,
  softmaxCrossEntropy,
} from './ops/softmaxCrossEntropy.js';

// Checks
export {checkShapes, type ShapeClaim} from './shapes.js';
