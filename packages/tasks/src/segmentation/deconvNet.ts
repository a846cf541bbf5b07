// Noh et al., "Learning Deconvolution Network for Semantic Segmentation", ICCV 2015, arXiv:1505.04366, table 2 (in the
// supplement) and section 3.
import {
  Conv2d,
  ConvTranspose2d,
  defaultRandom,
  init,
  type Layer,
  Module,
  maxPoolWithIndices,
  maxUnpool,
  type Random,
  Sequential,
} from '@foveal/core';
import {BatchNormRelu2d} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {padToMultiple} from './padToMultiple.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';

export interface DeconvNetOptions {
  /** @defaultValue 21 */
  numClasses?: number;
  /** Channels of the first convolutions; the others follow. @defaultValue 64 */
  channels?: number;
  /** Channels between the two halves. @defaultValue 4096 */
  hidden?: number;
  /** Where the parameters start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** Channels of the convolutions of VGG-16 by stage, in units of the first ones'; the second half mirrors them. */
const stages = [
  [1, 1],
  [2, 2],
  [4, 4, 4],
  [8, 8, 8],
  [8, 8, 8],
];
const mirroredStages = [
  [8, 8, 8],
  [8, 8, 4],
  [4, 4, 2],
  [2, 1],
  [1, 1],
];

/** VGG-16, and its mirror image: unpooling by the switches of the poolings, and transposed convolutions. */
export class DeconvNet extends Module implements SegmentationNetwork {
  readonly conv: Sequential[];
  readonly fc6: Sequential;
  readonly fc7: Sequential;
  readonly fc6_deconv: Sequential;
  readonly deconv: Sequential[];
  readonly seg_score: Conv2d;

  constructor({
    numClasses = 21,
    channels = 64,
    hidden = 4096,
    random = defaultRandom(),
  }: DeconvNetOptions = {}) {
    super();
    const filters = {init: init.kaimingNormal(), bias: false, random};
    const norm = (out: number) => new BatchNormRelu2d(out) as Layer;
    let inputs = 3;
    const grow = (widths: number[], layer: (inputs: number, out: number) => Layer) => {
      const parts = widths.flatMap(width => {
        const out = width * channels;
        const part = layer(inputs, out);
        inputs = out;
        return [part, norm(out)];
      });
      return new Sequential(...parts);
    };
    const same = {kernelSize: 3, padding: 1, ...filters};
    this.conv = stages.map(widths => grow(widths, (inputs, out) => new Conv2d(inputs, out, same) as Layer));
    const seven = {kernelSize: 7, ...filters};
    this.fc6 = new Sequential(new Conv2d(inputs, hidden, seven) as Layer, norm(hidden));
    this.fc7 = new Sequential(new Conv2d(hidden, hidden, {kernelSize: 1, ...filters}) as Layer, norm(hidden));
    this.fc6_deconv = new Sequential(new ConvTranspose2d(hidden, inputs, seven) as Layer, norm(inputs));
    this.deconv = mirroredStages.map(widths =>
      grow(widths, (inputs, out) => new ConvTranspose2d(inputs, out, same) as Layer),
    );
    this.seg_score = new Conv2d(inputs, numClasses, {kernelSize: 1, init: init.normal(0, 0.01), random});
  }

  /** @param images - The paper's are 224 × 224; smaller ones are padded to that. */
  forward(images: tf.Tensor4D): tf.Tensor4D {
    return padToMultiple(images, 32, padded => this.#forward(padded), 224);
  }

  #forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const pooled: {indices: tf.Tensor4D; size: [number, number]}[] = [];
      let x = images;
      for (const stage of this.conv) {
        const maps = stage.forward(x) as tf.Tensor4D;
        const {values, indices} = maxPoolWithIndices(maps, {kernelSize: 2});
        pooled.push({indices, size: [maps.shape[1], maps.shape[2]]});
        x = values;
      }
      for (const layer of [this.fc6, this.fc7, this.fc6_deconv]) x = layer.forward(x) as tf.Tensor4D;
      for (const stage of this.deconv) {
        const {indices, size} = pooled.pop()!;
        x = stage.forward(maxUnpool(x, indices, size)) as tf.Tensor4D;
      }
      return this.seg_score.forward(x);
    });
  }
}

export const deconvNet = (options?: DeconvNetOptions) => new DeconvNet(options);
