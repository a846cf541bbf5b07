// Backbones

export type {Backbone, FeatureMap} from './backbone.js';
export {LeNet, type LeNetOptions, leNet5} from './leNet.js';
export {type ModelName, type ModelRecord, models} from './registry.js';
export {BasicBlock, type BlockOptions, Bottleneck, projection, ZeroPadShortcut} from './residualBlocks.js';
export {
  ResNet,
  type ResNetDepth,
  type ResNetOptions,
  resNet18,
  resNet34,
  resNet50,
  resNet101,
  resNet152,
  resNetConfigs,
} from './resNet.js';
export {
  ResNetCifar,
  type ResNetCifarOptions,
  resNet20,
  resNet32,
  resNet44,
  resNet56,
  resNet110,
} from './resNetCifar.js';

// Weights: files

export {type ReadPthOptions, readPth} from './weights/readPth.js';
export {readSafetensors} from './weights/readSafetensors.js';
export {readWeights} from './weights/readWeights.js';
export type {WeightsData, WeightsFile, WeightsTensor} from './weights/weightsFile.js';
export {WeightsFileError} from './weights/weightsFileError.js';
export {writeFileAtomically} from './weights/writeFileAtomically.js';
export {writeSafetensors} from './weights/writeSafetensors.js';

// Weights: models

export {type LoadedWeights, type LoadWeightsOptions, loadWeights} from './weights/loadWeights.js';
export {cifarEval, imageNetEval, mnistEval} from './weights/preprocessing.js';
export {modelTensors, saveWeights} from './weights/saveWeights.js';
