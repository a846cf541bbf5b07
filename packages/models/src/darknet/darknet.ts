// Redmon, "Darknet: Open Source Neural Networks in C", 2013 – 2016; networks by Redmon et al., arXiv:1506.02640,
// 1612.08242 and 1804.02767, and by everybody else who wrote a .cfg.
import {Dropout, defaultRandom, GlobalAvgPool2d, Identity, Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {activate} from './activate.js';
import {Connected} from './connected.js';
import {Convolutional, type PartOptions} from './convolutional.js';
import type {DarknetCfg, DarknetLayer, HeadLayer} from './darknetLayer.js';
import {type LayerShape, layerShapes} from './layerShapes.js';
import {DarknetMaxPool} from './maxPool.js';
import {Reorg} from './reorg.js';
import {Upsample} from './upsample.js';

/** Where a network predicts boxes. */
export interface DarknetHead {
  layer: HeadLayer;
  /** Number of the layer. */
  index: number;
}

/**
 * The network of a `.cfg`. Parameters are named by the numbers of the layers, as darknet prints them:
 * `layers.0.conv.weight`, `layers.0.bn.running_mean`, `layers.7.linear.bias`.
 *
 * @throws CfgError where layers do not fit together.
 */
export class Darknet extends Module {
  readonly cfg: DarknetCfg;
  /** One a layer. Layers without computation of their own (routes, shortcuts, heads) are {@link Identity}. */
  readonly layers: Module[];
  /** In the order of the file. */
  readonly heads: readonly DarknetHead[];
  /** Of the output of each layer, for an image of the size in `[net]`. */
  readonly shapes: readonly LayerShape[];
  /** The last layer that reads each output. */
  readonly #lastUse: readonly number[];

  constructor(cfg: DarknetCfg, {random = defaultRandom(), ...options}: PartOptions = {}) {
    super();
    this.cfg = cfg;
    this.shapes = layerShapes(cfg);
    const {width, height, channels} = cfg.net;
    const image = {width, height, channels};
    this.layers = cfg.layers.map((layer, i) =>
      build(layer, i === 0 ? image : this.shapes[i - 1], {...options, random}),
    );
    this.heads = cfg.layers.flatMap((layer, index) => (isHead(layer) ? [{layer, index}] : []));
    this.#lastUse = lastUses(cfg.layers);
  }

  /**
   * @param image - `[N, H, W, channels]` float32, red, green, blue in [0, 1]; sides that are multiples of the largest
   * stride, or exactly those of `[net]` where a layer is fully connected.
   * @returns The input of each head, `[N, h, w, anchors · (5 + classes)]`, before any activation; of a network without
   * heads the last output (logits: a softmax at the end is left to the loss).
   */
  forward(image: tf.Tensor4D): tf.Tensor4D[] {
    return tf.tidy(() => {
      const outputs: tf.Tensor4D[] = [];
      this.cfg.layers.forEach((layer, i) => {
        outputs.push(this.#run(layer, i, outputs, image));
        // What no later layer reads need not wait for the end.
        for (let o = 0; o < i; o++) if (this.#lastUse[o] === i) outputs[o].dispose();
      });
      const wanted = this.heads.length > 0 ? this.heads.map(({index}) => index) : [outputs.length - 1];
      return wanted.map(index => outputs[index]);
    });
  }

  /**
   * Holds the first layers as they are, parameters and running statistics: what darknet's `stopbackward=1` does behind
   * them. Nothing before is differentiated, which is the larger part of a step where images are large.
   *
   * @throws RangeError if there are not that many.
   */
  freezeLayers(count: number): void {
    if (!Number.isInteger(count) || count < 0 || count > this.layers.length) {
      throw new RangeError(`Darknet.freezeLayers: expected 0 to ${this.layers.length} layers, got ${count}.`);
    }
    for (const layer of this.layers.slice(0, count)) layer.freeze();
  }

  #run(layer: DarknetLayer, i: number, outputs: readonly tf.Tensor4D[], image: tf.Tensor4D): tf.Tensor4D {
    const own = this.layers[i] as Module & {forward(x: tf.Tensor4D): tf.Tensor4D};
    const before = i === 0 ? image : outputs[i - 1];
    if (layer.type === 'shortcut') {
      const sum = tf.add(before, outputs[layer.from]) as tf.Tensor4D;
      return own.forward(layer.activation === 'linear' ? sum : activate(sum, layer.activation));
    }
    if (layer.type === 'route') {
      const parts = layer.layers.map(from => share(outputs[from], layer.groups, layer.group));
      return own.forward(parts.length === 1 ? parts[0] : tf.concat(parts, 3));
    }
    return own.forward(before);
  }
}

function share(x: tf.Tensor4D, groups: number, group: number): tf.Tensor4D {
  if (groups === 1) return x;
  const channels = x.shape[3] / groups;
  return tf.slice(x, [0, 0, 0, group * channels], [-1, -1, -1, channels]);
}

/** Whether a layer predicts boxes. */
export const isHead = (layer: DarknetLayer): layer is HeadLayer =>
  layer.type === 'yolo' || layer.type === 'region' || layer.type === 'detection';

function build(layer: DarknetLayer, input: LayerShape, options: PartOptions): Module {
  switch (layer.type) {
    case 'convolutional':
      return new Convolutional(input.channels, layer, options);
    case 'connected':
      return new Connected(input.width * input.height * input.channels, layer, options);
    case 'maxpool':
      return new DarknetMaxPool(layer);
    case 'avgpool':
      return new GlobalAvgPool2d();
    case 'dropout':
      return new Dropout(layer.probability, options.random ? {random: options.random} : {});
    case 'upsample':
      return new Upsample(layer);
    case 'reorg':
      return new Reorg(layer.stride);
    default:
      return new Identity();
  }
}

/** Heads and the last output are never free. */
function lastUses(layers: readonly DarknetLayer[]): number[] {
  const last = layers.map((layer, i) => (isHead(layer) || i === layers.length - 1 ? layers.length : i + 1));
  layers.forEach((layer, i) => {
    const read = layer.type === 'route' ? layer.layers : layer.type === 'shortcut' ? [layer.from] : [];
    for (const from of read) last[from] = Math.max(last[from], i);
  });
  return last;
}
