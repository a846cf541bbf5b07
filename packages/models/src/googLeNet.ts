// GoogLeNet: Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, arXiv:1409.4842, table 1 and section 5;
// with batch norm, as torchvision has it. Parameter names are torchvision's.
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  type Conv2dModuleOptions,
  convNorm,
  Dropout,
  defaultRandom,
  flatten,
  GlobalAvgPool2d,
  init,
  Linear,
  MaxPool2d,
  Module,
  type Random,
  Sequential,
} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {AuxiliaryBackbone, FeatureMap} from './backbone.js';

export interface GoogLeNetOptions {
  /** @defaultValue 1000 */
  numClasses?: number;
  /** Adds the two auxiliary classifiers of the paper, which only training uses. @defaultValue false */
  auxiliary?: boolean;
  /** Takes images normalised by ImageNet's mean and deviation and turns them to [−1, 1], as torchvision's weights want. @defaultValue false */
  transformInput?: boolean;
  /** Before the last layer of the classifier, and of the auxiliary ones. @defaultValue `[0.2, 0.7]`, as in section 5 */
  dropout?: readonly [number, number];
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** Filters of an inception module: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection. */
// biome-ignore format: the columns of table 1
export const inceptions = {
  '3a': [ 64,  96, 128, 16,  32,  32],
  '3b': [128, 128, 192, 32,  96,  64],
  '4a': [192,  96, 208, 16,  48,  64],
  '4b': [160, 112, 224, 24,  64,  64],
  '4c': [128, 128, 256, 24,  64,  64],
  '4d': [112, 144, 288, 32,  64,  64],
  '4e': [256, 160, 320, 32, 128, 128],
  '5a': [256, 160, 320, 32, 128, 128],
  '5b': [384, 192, 384, 48, 128, 128],
} as const;

// torchvision's start.
const weights = init.truncatedNormal(0, 0.01);

class BasicConv2d extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(inputs: number, outputs: number, options: Conv2dModuleOptions) {
    super();
    this.conv = new Conv2d(inputs, outputs, {...options, bias: false, init: weights});
    this.bn = new BatchNorm2d(outputs, {epsilon: 1e-3});
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return convNorm(this.conv, this.bn, x, {relu: true});
  }
}

/** Windows of three sizes and a pooling side by side, each behind a 1×1 reduction (figure 2b). */
export class Inception extends Module {
  readonly branch1: BasicConv2d;
  readonly branch2: Sequential;
  readonly branch3: Sequential;
  readonly branch4: Sequential;
  readonly channels: number;

  constructor(inputs: number, filters: (typeof inceptions)[keyof typeof inceptions], random: Random) {
    super();
    const [one, threeReduce, three, fiveReduce, five, projection] = filters;
    const reduced = (reduce: number, outputs: number) =>
      new Sequential(
        new BasicConv2d(inputs, reduce, {kernelSize: 1, random}),
        new BasicConv2d(reduce, outputs, {kernelSize: 3, padding: 1, random}),
      );
    this.branch1 = new BasicConv2d(inputs, one, {kernelSize: 1, random});
    this.branch2 = reduced(threeReduce, three);
    // Deviation: 3×3 where the paper has 5×5, because torchvision's weights were trained so.
    this.branch3 = reduced(fiveReduce, five);
    this.branch4 = new Sequential(
      new MaxPool2d({kernelSize: 3, stride: 1, padding: 1, ceilMode: true}),
      new BasicConv2d(inputs, projection, {kernelSize: 1, random}),
    );
    this.channels = one + three + five + projection;
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const {branch1, branch2, branch3, branch4} = this;
      return tf.concat([branch1, branch2, branch3, branch4].map(b => b.forward(x)) as tf.Tensor4D[], 3);
    });
  }
}

/** A classifier on an inner feature map, so that gradient reaches the first layers (section 5). */
class InceptionAux extends Module {
  readonly avgpool = new AdaptiveAvgPool2d(4);
  readonly conv: BasicConv2d;
  readonly fc1: Linear;
  readonly dropout: Dropout;
  readonly fc2: Linear;

  constructor(inputs: number, numClasses: number, dropout: number, random: Random) {
    super();
    this.dropout = new Dropout(dropout);
    this.conv = new BasicConv2d(inputs, 128, {kernelSize: 1, random});
    this.fc1 = new Linear(2048, 1024, {init: weights, random});
    this.fc2 = new Linear(1024, numClasses, {init: weights, random});
  }

  forward(x: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => {
      const hidden = tf.relu(this.fc1.forward(flatten(this.conv.forward(this.avgpool.forward(x)))));
      return this.fc2.forward(this.dropout.forward(hidden)) as tf.Tensor2D;
    });
  }
}

const ceilPool = (kernelSize: number, stride: number) => new MaxPool2d({kernelSize, stride, ceilMode: true});

/**
 * Nine inception modules; 6,624,904 parameters, and 13,004,888 with the auxiliary classifiers.
 *
 * The published weights have those, too; a network without them leaves them in the file.
 */
export class GoogLeNet extends Module implements AuxiliaryBackbone {
  readonly conv1: BasicConv2d;
  readonly maxpool1 = ceilPool(3, 2);
  readonly conv2: BasicConv2d;
  readonly conv3: BasicConv2d;
  readonly maxpool2 = ceilPool(3, 2);
  readonly inception3a: Inception;
  readonly inception3b: Inception;
  readonly maxpool3 = ceilPool(3, 2);
  readonly inception4a: Inception;
  readonly inception4b: Inception;
  readonly inception4c: Inception;
  readonly inception4d: Inception;
  readonly inception4e: Inception;
  readonly maxpool4 = ceilPool(2, 2);
  readonly inception5a: Inception;
  readonly inception5b: Inception;
  readonly aux1: InceptionAux | null;
  readonly aux2: InceptionAux | null;
  readonly avgpool = new GlobalAvgPool2d();
  readonly dropout: Dropout;
  readonly fc: Linear;
  readonly transformInput: boolean;
  /** Section 5: "the losses of the auxiliary classifiers were weighted by 0.3". */
  readonly auxiliaryWeights = [0.3, 0.3];
  readonly featureMaps: readonly FeatureMap[] = [
    {layer: 'conv3', channels: 192, stride: 4},
    {layer: 'inception3b', channels: 480, stride: 8},
    {layer: 'inception4e', channels: 832, stride: 16},
    {layer: 'inception5b', channels: 1024, stride: 32},
  ];

  constructor({
    numClasses = 1000,
    auxiliary = false,
    transformInput = false,
    dropout = [0.2, 0.7],
    random = defaultRandom(),
  }: GoogLeNetOptions = {}) {
    super();
    this.conv1 = new BasicConv2d(3, 64, {kernelSize: 7, stride: 2, padding: 3, random});
    this.conv2 = new BasicConv2d(64, 64, {kernelSize: 1, random});
    this.conv3 = new BasicConv2d(64, 192, {kernelSize: 3, padding: 1, random});
    this.inception3a = new Inception(192, inceptions['3a'], random);
    this.inception3b = new Inception(256, inceptions['3b'], random);
    this.inception4a = new Inception(480, inceptions['4a'], random);
    this.inception4b = new Inception(512, inceptions['4b'], random);
    this.inception4c = new Inception(512, inceptions['4c'], random);
    this.inception4d = new Inception(512, inceptions['4d'], random);
    this.inception4e = new Inception(528, inceptions['4e'], random);
    this.inception5a = new Inception(832, inceptions['5a'], random);
    this.inception5b = new Inception(832, inceptions['5b'], random);
    this.aux1 = auxiliary ? new InceptionAux(512, numClasses, dropout[1], random) : null;
    this.aux2 = auxiliary ? new InceptionAux(528, numClasses, dropout[1], random) : null;
    this.dropout = new Dropout(dropout[0]);
    this.fc = new Linear(1024, numClasses, {init: weights, random});
    this.transformInput = transformInput;
  }

  /** @param image - `[N, H, W, 3]` float32, normalised. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => this.forwardAll(image)[0]);
  }

  weightsName(name: string): string | null {
    return !this.aux1 && /^aux[12]\./.test(name) ? null : name;
  }

  forwardAll(image: tf.Tensor4D): tf.Tensor2D[] {
    return tf.tidy(() => {
      // A scope of its own: the stem's maps are the largest, and prediction can free them at once.
      const low = tf.tidy(() => {
        const stem = this.conv1.forward(this.transformInput ? toUnitRange(image) : image);
        return this.maxpool2.forward(this.conv3.forward(this.conv2.forward(this.maxpool1.forward(stem))));
      });
      const three = this.inception3b.forward(this.inception3a.forward(low));
      const fourA = this.inception4a.forward(this.maxpool3.forward(three));
      const fourC = this.inception4c.forward(this.inception4b.forward(fourA));
      const fourD = this.inception4d.forward(fourC);
      const five = this.inception5a.forward(this.maxpool4.forward(this.inception4e.forward(fourD)));
      const top = flatten(this.avgpool.forward(this.inception5b.forward(five)));
      const logits = this.fc.forward(this.dropout.forward(top)) as tf.Tensor2D;
      if (!this.training || !this.aux1 || !this.aux2) return [logits];
      return [logits, this.aux1.forward(fourA), this.aux2.forward(fourD)];
    });
  }
}

/** From `(v − mean) / std` of ImageNet to `(v − 0.5) / 0.5`. */
function toUnitRange(image: tf.Tensor4D): tf.Tensor4D {
  const scale = [0.229, 0.224, 0.225].map(std => std / 0.5);
  const shift = [0.485, 0.456, 0.406].map(mean => (mean - 0.5) / 0.5);
  return tf.add(tf.mul(image, scale), shift);
}

export const googLeNet = (options?: GoogLeNetOptions) => new GoogLeNet(options);
