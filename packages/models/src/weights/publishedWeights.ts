// Facts from torchvision 0.14 to 0.29 (its weights' enums) and akamaster/pytorch_resnet_cifar10.
import type {Preprocess} from '@foveal/core';
import {cifarEval, imageNetEval} from './preprocessing.js';
import type {WeightsRecord, WeightsTable} from './weightsRecord.js';

/** torchvision's names end in the first eight digits of the checksum. */
function imageNet(
  file: string,
  parameters: number,
  accuracy: readonly [top1: number, top5: number] | null,
  preprocess: Preprocess = imageNetEval,
): WeightsRecord {
  return {
    url: `https://download.pytorch.org/models/${file}.pth`,
    sha256: file.slice(-8),
    parameters,
    metrics: accuracy ? {'ImageNet-1K': {top1: accuracy[0], top5: accuracy[1]}} : {},
    preprocess,
    categories: 'the 1,000 classes of ILSVRC 2012, in the order of their WordNet numbers',
    licence: 'BSD-3-Clause (torchvision); trained on ImageNet, whose terms allow research only',
  };
}

function cifar(file: string, parameters: number, top1: number): WeightsRecord {
  return {
    url: `https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/pretrained_models/${file}.th`,
    sha256: file.slice(-8),
    parameters,
    metrics: {'CIFAR-10': {top1}},
    preprocess: cifarEval,
    categories: 'the 10 classes of CIFAR-10, in their own order',
    licence: 'BSD-2-Clause',
  };
}

/** From torchvision's second round of training on. */
const imageNetEval2: Preprocess = {...imageNetEval, resize: 232};

/** Bytes less their mean, as the fully convolutional VGG of SSD was trained. */
const ssdEval: Preprocess = {
  ...imageNetEval,
  mean: [0.48235, 0.45882, 0.40784],
  std: [1 / 255, 1 / 255, 1 / 255],
};

/** GoogLeNet was trained on [−1, 1]; torchvision turns ImageNet's normalisation into this inside the model. */
export const googLeNetEval: Preprocess = {...imageNetEval, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]};

/** Weights that others have published, by the models' names in the registry. */
// biome-ignore format: a table
export const publishedWeights = {
  alexnet:       {IMAGENET1K_V1: imageNet('alexnet-owt-7be5be79', 61_100_840, [56.522, 79.066])},
  vgg11:         {IMAGENET1K_V1: imageNet('vgg11-8a719046', 132_863_336, [69.02, 88.628])},
  vgg11_bn:      {IMAGENET1K_V1: imageNet('vgg11_bn-6002323d', 132_868_840, [70.37, 89.81])},
  vgg13:         {IMAGENET1K_V1: imageNet('vgg13-19584684', 133_047_848, [69.928, 89.246])},
  vgg13_bn:      {IMAGENET1K_V1: imageNet('vgg13_bn-abd245e5', 133_053_736, [71.586, 90.374])},
  // Of IMAGENET1K_FEATURES only the features are of use; its classifier is not a number.
  vgg16:         {IMAGENET1K_V1: imageNet('vgg16-397923af', 138_357_544, [71.592, 90.382]),
                  IMAGENET1K_FEATURES: imageNet('vgg16_features-amdegroot-88682ab5', 138_357_544, null, ssdEval)},
  vgg16_bn:      {IMAGENET1K_V1: imageNet('vgg16_bn-6c64b313', 138_365_992, [73.36, 91.516])},
  vgg19:         {IMAGENET1K_V1: imageNet('vgg19-dcbb9e9d', 143_667_240, [72.376, 90.876])},
  vgg19_bn:      {IMAGENET1K_V1: imageNet('vgg19_bn-c79401a0', 143_678_248, [74.218, 91.842])},
  googlenet:     {IMAGENET1K_V1: imageNet('googlenet-1378be20', 6_624_904, [69.778, 89.53], googLeNetEval)},
  resnet20:      {CIFAR10: cifar('resnet20-12fca82f', 269_722, 91.73)},
  resnet32:      {CIFAR10: cifar('resnet32-d509ac18', 464_154, 92.63)},
  resnet44:      {CIFAR10: cifar('resnet44-014dd654', 658_586, 93.10)},
  resnet56:      {CIFAR10: cifar('resnet56-4bfd9763', 853_018, 93.39)},
  resnet110:     {CIFAR10: cifar('resnet110-1d1ed7c2', 1_727_962, 93.68)},
  resnet18:      {IMAGENET1K_V1: imageNet('resnet18-f37072fd', 11_689_512, [69.758, 89.078])},
  resnet34:      {IMAGENET1K_V1: imageNet('resnet34-b627a593', 21_797_672, [73.314, 91.42])},
  resnet50:      {IMAGENET1K_V1: imageNet('resnet50-0676ba61', 25_557_032, [76.13, 92.862]),
                  IMAGENET1K_V2: imageNet('resnet50-11ad3fa6', 25_557_032, [80.858, 95.434], imageNetEval2)},
  resnet101:     {IMAGENET1K_V1: imageNet('resnet101-63fe2227', 44_549_160, [77.374, 93.546]),
                  IMAGENET1K_V2: imageNet('resnet101-cd907fc2', 44_549_160, [81.886, 95.78], imageNetEval2)},
  resnet152:     {IMAGENET1K_V1: imageNet('resnet152-394f9c45', 60_192_808, [78.312, 94.046]),
                  IMAGENET1K_V2: imageNet('resnet152-f82ba261', 60_192_808, [82.284, 96.002], imageNetEval2)},
  squeezenet1_0: {IMAGENET1K_V1: imageNet('squeezenet1_0-b66bff10', 1_248_424, [58.092, 80.42])},
  squeezenet1_1: {IMAGENET1K_V1: imageNet('squeezenet1_1-b8a52dc0', 1_235_496, [58.178, 80.624])},
  densenet121:   {IMAGENET1K_V1: imageNet('densenet121-a639ec97', 7_978_856, [74.434, 91.972])},
  densenet169:   {IMAGENET1K_V1: imageNet('densenet169-b2777c0a', 14_149_480, [75.6, 92.806])},
  densenet201:   {IMAGENET1K_V1: imageNet('densenet201-c1103571', 20_013_928, [76.896, 93.37])},
} satisfies WeightsTable;
