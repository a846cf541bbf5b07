// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3.1, figure 3 (left).
import {Conv2d, init, type Layer, Module, type Random, Relu, Sequential} from '@foveal/core';
import {zeroBias} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** A small network that slides over the feature maps, and says of each anchor whether it holds an object, and where. */
export class ProposalHead extends Module {
  readonly conv: Sequential;
  readonly cls_logits: Conv2d;
  readonly bbox_pred: Conv2d;

  constructor(channels: number, anchors: number, random: Random) {
    super();
    const convolution = (outputs: number, kernelSize: number) => {
      const options = {kernelSize, padding: (kernelSize - 1) / 2, init: narrow, random};
      return zeroBias(new Conv2d(channels, outputs, options));
    };
    // Twice in a sequence, as torchvision names it: conv.0.0.
    this.conv = new Sequential(
      new Sequential(convolution(channels, 3) as Layer, new Relu() as Layer) as Layer,
    );
    this.cls_logits = convolution(anchors, 1);
    this.bbox_pred = convolution(4 * anchors, 1);
  }

  forward(map: tf.Tensor4D): {objectness: tf.Tensor2D; offsets: tf.Tensor3D} {
    return tf.tidy(() => {
      const hidden = this.conv.forward(map) as tf.Tensor4D;
      const [n] = map.shape;
      const objectness = tf.reshape(this.cls_logits.forward(hidden), [n, -1]) as tf.Tensor2D;
      return {objectness, offsets: tf.reshape(this.bbox_pred.forward(hidden), [n, -1, 4]) as tf.Tensor3D};
    });
  }
}

const narrow = init.normal(0, 0.01);
