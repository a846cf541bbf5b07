// He et al., "Mask R-CNN", ICCV 2017, arXiv:1703.06870, section 3 and figure 4 (right).
import {
  Conv2d,
  ConvTranspose2d,
  defaultRandom,
  init,
  type Layer,
  Module,
  type Random,
  Relu,
  Sequential,
} from '@foveal/core';
import {zeroBias} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

const filters = init.kaimingNormal({mode: 'fanOut'});

/** Four 3×3 convolutions with a ReLU each. Names are torchvision's: `0.0` to `3.0`. */
export class MaskHead extends Sequential {
  /** Depth of what comes out. */
  readonly channels: number;

  /** @param inputs - Depth of what was pooled. @param layers - Filters of each convolution. */
  constructor(
    inputs: number,
    layers: readonly number[] = [256, 256, 256, 256],
    {random = defaultRandom()}: {random?: Random} = {},
  ) {
    super();
    let channels = inputs;
    for (const outputs of layers) {
      const convolution = new Conv2d(channels, outputs, {kernelSize: 3, padding: 1, init: filters, random});
      this.push(new Sequential(zeroBias(convolution) as Layer, new Relu() as Layer) as Layer);
      channels = outputs;
    }
    this.channels = channels;
  }
}

/** Twice the size, and a mask for each category. Names are torchvision's: `conv5_mask`, `mask_fcn_logits`. */
export class MaskPredictor extends Module {
  readonly conv5_mask: ConvTranspose2d;
  readonly relu = new Relu();
  readonly mask_fcn_logits: Conv2d;

  constructor(
    inputs: number,
    categories: number,
    {channels = 256, random = defaultRandom()}: {channels?: number; random?: Random} = {},
  ) {
    super();
    this.conv5_mask = new ConvTranspose2d(inputs, channels, {
      kernelSize: 2,
      stride: 2,
      init: filters,
      random,
    });
    this.mask_fcn_logits = new Conv2d(channels, categories + 1, {kernelSize: 1, init: filters, random});
  }

  /** The masks of all categories for each box, background first: `[R, 2S, 2S, categories + 1]`, logits. */
  all(features: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.mask_fcn_logits.forward(this.relu.forward(this.conv5_mask.forward(features))));
  }

  /**
   * The mask of one category for each box: the others, which neither the loss nor a detection looks at (section 3,
   * "Mask Representation"), are not computed.
   *
   * @param features - `[R, S, S, inputs]` float32.
   * @param labels - `[R]` int32: the category of each box.
   * @returns `[R, 2S, 2S]` float32, logits.
   */
  forward(features: tf.Tensor4D, labels: tf.Tensor1D): tf.Tensor3D {
    const {weight, bias} = this.mask_fcn_logits;
    return tf.tidy(() => {
      const maps = this.relu.forward(this.conv5_mask.forward(features));
      const [count, height, width, channels] = maps.shape;
      const classes = tf.add(labels, tf.scalar(1, 'int32')) as tf.Tensor1D; // 0 is background
      const templates = tf.gather(tf.transpose(tf.reshape(weight, [channels, -1])), classes);
      const cells = tf.reshape(maps, [count, height * width, channels]);
      const products = tf.matMul(cells, tf.reshape(templates, [count, channels, 1]));
      const shifts = tf.reshape(tf.gather(bias as tf.Tensor1D, classes), [count, 1, 1]);
      return tf.reshape(tf.add(products, shifts), [count, height, width]) as tf.Tensor3D;
    });
  }
}
