// Backbones

export {
  AlexNet,
  type AlexNetConfig,
  type AlexNetOptions,
  alexNet,
  alexNetConfigs,
  alexNetPaper,
} from './alexNet.js';
export type {AuxiliaryBackbone, Backbone, FeatureMap} from './backbone.js';
export {BatchNormRelu2d, FrozenBatchNormRelu2d} from './batchNormRelu2d.js';
export {
  DenseNet,
  type DenseNetOptions,
  denseNet121,
  denseNet169,
  denseNet201,
  denseNetConfigs,
} from './denseNet.js';
export {DropoutNetwork, type DropoutNetworkOptions, dropoutNetwork} from './dropoutNetwork.js';
export {GoogLeNet, type GoogLeNetOptions, googLeNet, Inception, inceptions} from './googLeNet.js';
export {LayersModelBackbone, type LayersModelOptions} from './layersModel.js';
export {LeNet, type LeNetOptions, leNet5} from './leNet.js';
export {
  NetworkInNetwork,
  type NetworkInNetworkOptions,
  networkInNetwork,
  networkInNetworkCifar,
  networkInNetworkConfigs,
} from './networkInNetwork.js';
export {
  LinearClassifier,
  type LinearClassifierOptions,
  linearClassifier,
  TwoLayerNetwork,
  type TwoLayerNetworkOptions,
  twoLayerNetwork,
} from './perceptron.js';
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
export {
  SqueezeNet,
  type SqueezeNetOptions,
  type SqueezeNetVersion,
  squeezeNet1_0,
  squeezeNet1_1,
  squeezeNetConfigs,
} from './squeezeNet.js';
export {
  Vgg,
  type VggConfig,
  type VggOptions,
  vgg11,
  vgg11Bn,
  vgg11Lrn,
  vgg13,
  vgg13Bn,
  vgg16,
  vgg16Bn,
  vgg16C,
  vgg19,
  vgg19Bn,
  vggConfigs,
} from './vgg.js';

// Parts of backbones

export {changeOutputs} from './changeOutputs.js';
export {features} from './features.js';
export {FeaturePyramid, type FeaturePyramidOptions} from './fpn.js';
export {freezeBatchNorm} from './freezeBatchNorm.js';
export {freezeStages} from './freezeStages.js';
export {layerMultiplyAdds} from './layerMultiplyAdds.js';
export {multiplyAdds} from './multiplyAdds.js';
export {PyramidBackbone, type PyramidBackboneOptions} from './pyramidBackbone.js';
export {shapesOnly} from './shapesOnly.js';
export {SingleMapBackbone} from './singleMapBackbone.js';
export {watchOutputs} from './watchOutputs.js';
export {TakenAway, withoutHead} from './withoutHead.js';
export {zeroBias} from './zeroBias.js';

// Weights: files

export {type ReadPthOptions, readPth} from './weights/readPth.js';
export {readSafetensors} from './weights/readSafetensors.js';
export {readWeights} from './weights/readWeights.js';
export type {WeightsData, WeightsFile, WeightsTensor} from './weights/weightsFile.js';
export {WeightsFileError} from './weights/weightsFileError.js';
export {writeFileAtomically} from './weights/writeFileAtomically.js';
export {writeSafetensors} from './weights/writeSafetensors.js';

// Weights: published

export {cacheFolder} from './weights/cacheFolder.js';
export type {DownloadOptions} from './weights/download.js';
export {type FetchWeightsOptions, fetchWeights} from './weights/fetchWeights.js';
export {publishedWeights} from './weights/publishedWeights.js';
export {WeightsFetchError} from './weights/weightsFetchError.js';
export {preprocessIn, weightsPreprocess} from './weights/weightsPreprocess.js';
export type {ClassAccuracy, WeightsRecord, WeightsTable} from './weights/weightsRecord.js';

// Weights: models

export {toFileLayout, toModelLayout} from './weights/filterLayout.js';
export {loadLayersModel} from './weights/loadLayersModel.js';
export {type LoadedWeights, type LoadWeightsOptions, loadWeights} from './weights/loadWeights.js';
export {cifarEval, imageNetEval, mnistEval} from './weights/preprocessing.js';
export {modelTensors, saveWeights} from './weights/saveWeights.js';

// Darknet's networks and weights

export {CfgError} from './darknet/cfgError.js';
export {Convolutional} from './darknet/convolutional.js';
export {Darknet, type DarknetHead} from './darknet/darknet.js';
export {DarknetBackbone} from './darknet/darknetBackbone.js';
export type {
  Activation,
  BoxLoss,
  DarknetCfg,
  DarknetInput,
  DarknetLayer,
  DetectionLayer,
  HeadLayer,
  RegionLayer,
  YoloLayer,
} from './darknet/darknetLayer.js';
export {
  type DarknetHeader,
  type DarknetWeights,
  type ReadDarknetWeightsOptions,
  readDarknetWeights,
  writeDarknetWeights,
} from './darknet/darknetWeights.js';
export {formatCfg} from './darknet/formatCfg.js';
export {fuseBatchNorm} from './darknet/fuseBatchNorm.js';
export {
  type LoadDarknetWeightsOptions,
  type LoadedDarknetWeights,
  loadDarknetWeights,
  saveDarknetWeights,
} from './darknet/loadDarknetWeights.js';
export {parseCfg, readCfg} from './darknet/parseCfg.js';
export {type WithClassesOptions, withClasses} from './darknet/withClasses.js';
export {type YoloName, yoloCfg, yoloNames} from './darknet/yoloCfgs.js';
