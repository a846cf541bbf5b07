import type * as tf from '@tensorflow/tfjs-core';
import {Conv2d} from './conv2d.js';
import {convolutionEnds} from './convolutionEnds.js';
import {Module} from './module.js';

/** A module with one tensor in and one out, as {@link Sequential} takes them. */
export interface Layer extends Module {
  forward(x: tf.Tensor): tf.Tensor;
}

/** Layers one after another. Their names are their numbers: `0.weight`, `0.bias`, `3.weight`. */
export class Sequential extends Module {
  readonly layers: Layer[];

  constructor(...layers: Layer[]) {
    super();
    this.layers = layers;
  }

  /** The number of layers, and so the name of the next one. */
  get length(): number {
    return this.layers.length;
  }

  /** Appends layers. */
  push(...layers: Layer[]): this {
    this.layers.push(...layers);
    return this;
  }

  protected override fields(): Iterable<readonly [string, unknown]> {
    return Object.entries(this.layers);
  }

  /**
   * Runs all layers, or those from number `start` up to, without, `end`; frees what lies between. For prediction a norm
   * and a ReLU behind a convolution run in its pass.
   */
  forward(x: tf.Tensor, start = 0, end: number = this.length): tf.Tensor {
    const layers = this.layers.slice(start, end);
    let y = x;
    while (layers.length > 0) {
      const layer = layers.shift() as Layer;
      let next: tf.Tensor;
      if (layer instanceof Conv2d) {
        const [ends, count] = convolutionEnds(layer, layers);
        layers.splice(0, count);
        next = layer.forward(y as tf.Tensor4D, ends);
      } else next = layer.forward(y);
      if (y !== x && y !== next) y.dispose();
      y = next;
    }
    return y === x ? x.clone() : y;
  }
}
