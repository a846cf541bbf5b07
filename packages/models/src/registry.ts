import type {Preprocess, Random} from '@foveal/core';
import {alexNet, alexNetPaper} from './alexNet.js';
import type {Backbone} from './backbone.js';
import {denseNet121, denseNet169, denseNet201} from './denseNet.js';
import {dropoutNetwork} from './dropoutNetwork.js';
import {googLeNet} from './googLeNet.js';
import {leNet5} from './leNet.js';
import {networkInNetwork, networkInNetworkCifar} from './networkInNetwork.js';
import {linearClassifier, twoLayerNetwork} from './perceptron.js';
import {resNet18, resNet34, resNet50, resNet101, resNet152} from './resNet.js';
import {resNet20, resNet32, resNet44, resNet56, resNet110} from './resNetCifar.js';
import {squeezeNet1_0, squeezeNet1_1} from './squeezeNet.js';
import {vgg11, vgg11Bn, vgg11Lrn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg16C, vgg19, vgg19Bn} from './vgg.js';
import {cifarEval, imageNetEval, mnistEval} from './weights/preprocessing.js';
import {googLeNetEval, publishedWeights} from './weights/publishedWeights.js';
import type {WeightsRecord} from './weights/weightsRecord.js';

/** What is known of a model before it is built. */
export interface ModelRecord {
  /** Makes it; `random` is where its parameters start from. */
  build(options?: {numClasses?: number; random?: Random}): Backbone;
  /** Where it comes from. */
  paper: string;
  /** Trainable values at its default number of classes. */
  parameters: number;
  /** Multiplications, each with its addition, for one image of the size in `preprocess`; see `multiplyAdds`. */
  multiplyAdds: number;
  /** Classes by default. */
  numClasses: number;
  /** What it expects of its input, unless a checkpoint says otherwise. */
  preprocess: Preprocess;
  /** Published weights by version, for `fetchWeights`; where there are any. */
  weights?: Readonly<Record<string, WeightsRecord>>;
}

const cifar = {numClasses: 10, preprocess: cifarEval};
const imageNet = {numClasses: 1000, preprocess: imageNetEval};

const papers = {
  perceptron: {paper: 'Rosenblatt 1958, Psychological Review 65'},
  twoLayer: {paper: 'Rumelhart et al. 1986, Nature 323'},
  dropout: {paper: 'Srivastava et al. 2014, JMLR 15'},
  leNet: {paper: 'LeCun et al. 1998, Proc. IEEE'},
  alexNet: {paper: 'Krizhevsky et al. 2012, NIPS'},
  oneTower: {paper: 'Krizhevsky 2014, arXiv:1404.5997'},
  networkInNetwork: {paper: 'Lin et al. 2013, arXiv:1312.4400'},
  vgg: {paper: 'Simonyan & Zisserman 2014, arXiv:1409.1556, table 1'},
  googLeNet: {paper: 'Szegedy et al. 2014, arXiv:1409.4842, table 1'},
  resNet: {paper: 'He et al. 2015, arXiv:1512.03385, table 1'},
  resNetCifar: {paper: 'He et al. 2015, arXiv:1512.03385, section 4.2'},
  squeezeNet: {paper: 'Iandola et al. 2016, arXiv:1602.07360, table 1'},
  denseNet: {paper: 'Huang et al. 2016, arXiv:1608.06993, table 1'},
};

/** Every model by its name on the command line. */
// biome-ignore format: a table
export const models = {
  linear: {build: linearClassifier, parameters: 30_730, multiplyAdds: 30_720, ...papers.perceptron, ...cifar},
  two_layer: {build: twoLayerNetwork, parameters: 308_310, multiplyAdds: 308_200, ...papers.twoLayer, ...cifar},
  dropout_network: {build: dropoutNetwork, parameters: 1_276_810, multiplyAdds: 1_275_200, ...papers.dropout, numClasses: 10, preprocess: mnistEval},
  lenet5: {build: leNet5, parameters: 61_706, multiplyAdds: 416_520, ...papers.leNet, numClasses: 10, preprocess: mnistEval},
  alexnet_paper: {build: alexNetPaper, parameters: 60_965_224, multiplyAdds: 724_406_816, ...papers.alexNet, numClasses: 1000, preprocess: {...imageNetEval, inputSize: [227, 227]}},
  alexnet: {build: alexNet, parameters: 61_100_840, multiplyAdds: 714_188_480, ...papers.oneTower, ...imageNet, weights: publishedWeights.alexnet},
  nin_cifar: {build: networkInNetworkCifar, parameters: 966_986, multiplyAdds: 222_486_528, ...papers.networkInNetwork, ...cifar},
  nin: {build: networkInNetwork, parameters: 7_595_176, multiplyAdds: 1_100_188_800, ...papers.networkInNetwork, ...imageNet},
  vgg11: {build: vgg11, parameters: 132_863_336, multiplyAdds: 7_609_090_048, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg11},
  vgg11_lrn: {build: vgg11Lrn, parameters: 132_863_336, multiplyAdds: 7_609_090_048, ...papers.vgg, ...imageNet},
  vgg11_bn: {build: vgg11Bn, parameters: 132_868_840, multiplyAdds: 7_609_090_048, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg11_bn},
  vgg13: {build: vgg13, parameters: 133_047_848, multiplyAdds: 11_308_466_176, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg13},
  vgg13_bn: {build: vgg13Bn, parameters: 133_053_736, multiplyAdds: 11_308_466_176, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg13_bn},
  vgg16_c: {build: vgg16C, parameters: 133_638_952, multiplyAdds: 11_770_888_192, ...papers.vgg, ...imageNet},
  vgg16: {build: vgg16, parameters: 138_357_544, multiplyAdds: 15_470_264_320, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg16},
  vgg16_bn: {build: vgg16Bn, parameters: 138_365_992, multiplyAdds: 15_470_264_320, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg16_bn},
  vgg19: {build: vgg19, parameters: 143_667_240, multiplyAdds: 19_632_062_464, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg19},
  vgg19_bn: {build: vgg19Bn, parameters: 143_678_248, multiplyAdds: 19_632_062_464, ...papers.vgg, ...imageNet, weights: publishedWeights.vgg19_bn},
  googlenet: {build: googLeNet, parameters: 6_624_904, multiplyAdds: 1_498_376_192, ...papers.googLeNet, numClasses: 1000, preprocess: googLeNetEval, weights: publishedWeights.googlenet},
  resnet20: {build: resNet20, parameters: 269_722, multiplyAdds: 40_551_040, ...papers.resNetCifar, ...cifar, weights: publishedWeights.resnet20},
  resnet32: {build: resNet32, parameters: 464_154, multiplyAdds: 68_862_592, ...papers.resNetCifar, ...cifar, weights: publishedWeights.resnet32},
  resnet44: {build: resNet44, parameters: 658_586, multiplyAdds: 97_174_144, ...papers.resNetCifar, ...cifar, weights: publishedWeights.resnet44},
  resnet56: {build: resNet56, parameters: 853_018, multiplyAdds: 125_485_696, ...papers.resNetCifar, ...cifar, weights: publishedWeights.resnet56},
  resnet110: {build: resNet110, parameters: 1_727_962, multiplyAdds: 252_887_680, ...papers.resNetCifar, ...cifar, weights: publishedWeights.resnet110},
  resnet18: {build: resNet18, parameters: 11_689_512, multiplyAdds: 1_814_073_344, ...papers.resNet, ...imageNet, weights: publishedWeights.resnet18},
  resnet34: {build: resNet34, parameters: 21_797_672, multiplyAdds: 3_663_761_408, ...papers.resNet, ...imageNet, weights: publishedWeights.resnet34},
  resnet50: {build: resNet50, parameters: 25_557_032, multiplyAdds: 4_089_184_256, ...papers.resNet, ...imageNet, weights: publishedWeights.resnet50},
  resnet101: {build: resNet101, parameters: 44_549_160, multiplyAdds: 7_801_405_440, ...papers.resNet, ...imageNet, weights: publishedWeights.resnet101},
  resnet152: {build: resNet152, parameters: 60_192_808, multiplyAdds: 11_513_626_624, ...papers.resNet, ...imageNet, weights: publishedWeights.resnet152},
  squeezenet1_0: {build: squeezeNet1_0, parameters: 1_248_424, multiplyAdds: 818_924_576, ...papers.squeezeNet, ...imageNet, weights: publishedWeights.squeezenet1_0},
  squeezenet1_1: {build: squeezeNet1_1, parameters: 1_235_496, multiplyAdds: 349_151_936, ...papers.squeezeNet, ...imageNet, weights: publishedWeights.squeezenet1_1},
  densenet121: {build: denseNet121, parameters: 7_978_856, multiplyAdds: 2_834_161_664, ...papers.denseNet, ...imageNet, weights: publishedWeights.densenet121},
  densenet169: {build: denseNet169, parameters: 14_149_480, multiplyAdds: 3_359_843_328, ...papers.denseNet, ...imageNet, weights: publishedWeights.densenet169},
  densenet201: {build: denseNet201, parameters: 20_013_928, multiplyAdds: 4_291_365_888, ...papers.denseNet, ...imageNet, weights: publishedWeights.densenet201},
} satisfies Record<string, ModelRecord>;

/** A name in {@link models}. */
export type ModelName = keyof typeof models;
