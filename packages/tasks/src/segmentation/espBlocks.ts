// Mehta et al., "ESPNet: Efficient Spatial Pyramid of Dilated Convolutions", ECCV 2018, arXiv:1803.06815, section 3.
import {BatchNorm2d, Conv2d, Module, PRelu, type Random} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';

const epsilon = 1e-3;

/** A convolution without bias that keeps the size at stride 1; the published weights call it `conv`. */
export class PlainConv extends Module {
  readonly conv: Conv2d;

  constructor(
    inputs: number,
    outputs: number,
    {kernelSize, stride = 1, dilation = 1, random}: PlainConvOptions,
  ) {
    super();
    const padding = ((kernelSize - 1) / 2) * dilation;
    this.conv = new Conv2d(inputs, outputs, {kernelSize, stride, dilation, padding, bias: false, random});
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return this.conv.forward(x);
  }
}

export interface PlainConvOptions {
  kernelSize: number;
  stride?: number;
  dilation?: number;
  random: Random;
}

/** Batch norm and a parametric ReLU. */
export class NormPRelu extends Module {
  readonly bn: BatchNorm2d;
  readonly act: PRelu;

  constructor(channels: number) {
    super();
    this.bn = new BatchNorm2d(channels, {epsilon});
    this.act = new PRelu(channels);
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.act.forward(this.bn.forward(x)));
  }
}

/** A convolution, batch norm and a parametric ReLU. */
export class ConvNormPRelu extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;
  readonly act: PRelu;

  constructor(inputs: number, outputs: number, stride: number, random: Random) {
    super();
    this.conv = new Conv2d(inputs, outputs, {kernelSize: 3, stride, padding: 1, bias: false, random});
    this.bn = new BatchNorm2d(outputs, {epsilon});
    this.act = new PRelu(outputs);
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.act.forward(this.bn.forward(this.conv.forward(x))));
  }
}

/** Reduces, convolves with dilations 1, 2, 4, 8 and 16, and adds up the results as they widen, against gridding. */
abstract class Pyramid extends Module {
  readonly c1: PlainConv;
  readonly d1: PlainConv;
  readonly d2: PlainConv;
  readonly d4: PlainConv;
  readonly d8: PlainConv;
  readonly d16: PlainConv;

  constructor(inputs: number, outputs: number, reduce: Omit<PlainConvOptions, 'random'>, random: Random) {
    super();
    const narrow = Math.floor(outputs / 5);
    const branch = (dilation: number, out = narrow) =>
      new PlainConv(narrow, out, {kernelSize: 3, dilation, random});
    this.c1 = new PlainConv(inputs, narrow, {...reduce, random});
    this.d1 = branch(1, outputs - 4 * narrow);
    this.d2 = branch(2);
    this.d4 = branch(4);
    this.d8 = branch(8);
    this.d16 = branch(16);
  }

  protected merged(x: tf.Tensor4D): tf.Tensor4D {
    const reduced = this.c1.forward(x);
    const parts = [this.d1.forward(reduced), this.d2.forward(reduced)];
    for (const wider of [this.d4, this.d8, this.d16]) {
      parts.push(tf.add(parts[parts.length - 1], wider.forward(reduced)));
    }
    return tf.concat(parts, 3);
  }
}

/** The ESP block, with a shortcut where input and output have the same channels. */
export class EspBlock extends Pyramid {
  readonly bn: NormPRelu;
  readonly shortcut: boolean;

  constructor(inputs: number, outputs: number, {shortcut, random}: {shortcut: boolean; random: Random}) {
    super(inputs, outputs, {kernelSize: 1}, random);
    this.bn = new NormPRelu(outputs);
    this.shortcut = shortcut;
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const merged = this.merged(x);
      return this.bn.forward(this.shortcut ? tf.add(x, merged) : merged);
    });
  }
}

/** The ESP block that halves the size. */
export class EspDown extends Pyramid {
  readonly bn: BatchNorm2d;
  readonly act: PRelu;

  constructor(inputs: number, outputs: number, random: Random) {
    super(inputs, outputs, {kernelSize: 3, stride: 2}, random);
    this.bn = new BatchNorm2d(outputs, {epsilon});
    this.act = new PRelu(outputs);
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.act.forward(this.bn.forward(this.merged(x))));
  }
}
