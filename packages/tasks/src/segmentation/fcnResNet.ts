// Long et al., "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015, arXiv:1411.4038, on a dilated ResNet
// with an auxiliary head, as torchvision builds it (Zhao et al., arXiv:1612.01105, section 3.3, for that head).
import {
  type BatchNorm2d,
  Conv2d,
  convNorm,
  Dropout,
  defaultRandom,
  Identity,
  type Layer,
  type MaxPool2d,
  Module,
  type Random,
  resize2d,
  Sequential,
} from '@foveal/core';
import {BatchNormRelu2d, ResNet} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {SegmentationNetwork} from './segmentationNetwork.js';

export interface FcnResNetOptions {
  /** @defaultValue 21 */
  numClasses?: number;
  /** Whether a second head on `layer3` helps in training, at half of the weight. @defaultValue true */
  auxiliary?: boolean;
  /** Weights to start from; it is taken over, and its classifier freed. @defaultValue a fresh one */
  backbone?: ResNet;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** The stages of a ResNet, without its classifier. */
class Stages extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly maxpool: MaxPool2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;

  constructor(resNet: ResNet) {
    super();
    this.conv1 = resNet.conv1;
    this.bn1 = resNet.bn1;
    this.maxpool = resNet.maxpool;
    this.layer1 = resNet.layer1;
    this.layer2 = resNet.layer2;
    this.layer3 = resNet.layer3;
    this.layer4 = resNet.layer4;
    resNet.fc.dispose();
  }

  /** @returns what `layer3` and `layer4` give, `[N, H / 8, W / 8, 1024 and 2048]`. */
  forward(images: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D] {
    return tf.tidy(() => {
      const stem = tf.tidy(() => this.maxpool.forward(convNorm(this.conv1, this.bn1, images, {relu: true})));
      const inner = [this.layer1, this.layer2, this.layer3].reduce<tf.Tensor>(
        (x, layer) => layer.forward(x),
        stem,
      );
      return [inner as tf.Tensor4D, this.layer4.forward(inner) as tf.Tensor4D];
    });
  }
}

/** A ResNet of stride 8 with a small convolutional head; names and parameters are torchvision's. */
export class FcnResNet extends Module implements SegmentationNetwork {
  readonly backbone: Stages;
  readonly classifier: Sequential;
  readonly aux_classifier: Sequential | null;

  constructor(
    depth: 50 | 101,
    {numClasses = 21, auxiliary = true, backbone, random = defaultRandom()}: FcnResNetOptions = {},
  ) {
    super();
    const dilated = {replaceStrideWithDilation: [false, true, true], random} as const;
    this.backbone = new Stages(backbone ?? new ResNet(depth, dilated));
    this.classifier = head(2048, numClasses, random);
    this.aux_classifier = auxiliary ? head(1024, numClasses, random) : null;
  }

  get auxiliaryWeights(): readonly number[] {
    return this.aux_classifier ? [0.5] : [];
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.#upsampled(this.classifier, this.backbone.forward(images)[1], images));
  }

  forwardAll(images: tf.Tensor4D): tf.Tensor4D[] {
    const {aux_classifier: auxiliary} = this;
    if (!this.training || !auxiliary) return [this.forward(images)];
    return tf.tidy(() => {
      const [inner, outer] = this.backbone.forward(images);
      return [this.#upsampled(this.classifier, outer, images), this.#upsampled(auxiliary, inner, images)];
    });
  }

  /** The classifier of a whole ResNet, and an auxiliary head where there is none here, are of no use. */
  weightsName(name: string): string | null {
    if (name.startsWith('backbone.fc.')) return null;
    return this.aux_classifier === null && name.startsWith('aux_classifier.') ? null : name;
  }

  #upsampled(head: Sequential, maps: tf.Tensor4D, images: tf.Tensor4D): tf.Tensor4D {
    const logits = head.forward(maps) as tf.Tensor4D;
    return resize2d(logits, {size: [images.shape[1], images.shape[2]]});
  }
}

function head(inputs: number, numClasses: number, random: Random): Sequential {
  const inner = inputs / 4;
  return new Sequential(
    new Conv2d(inputs, inner, {kernelSize: 3, padding: 1, bias: false, random}) as Layer,
    new BatchNormRelu2d(inner) as Layer,
    new Identity() as Layer, // where torchvision counts the ReLU
    new Dropout(0.1, {random}) as Layer,
    new Conv2d(inner, numClasses, {kernelSize: 1, random}) as Layer,
  );
}

export const fcnResNet50 = (options?: FcnResNetOptions) => new FcnResNet(50, options);
export const fcnResNet101 = (options?: FcnResNetOptions) => new FcnResNet(101, options);
