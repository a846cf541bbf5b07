// Redmon, "Darknet: Open Source Neural Networks in C", 2013 – 2016; networks by Redmon et al., arXiv:1506.02640,
// 1612.08242 and 1804.02767, and by everybody else who wrote a .cfg.
import {Dropout, defaultRandom, GlobalAvgPool2d, Identity, Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {activate} from './activate.js';
import {Connected} from './connected.js';
import {Convolutional, type PartOptions} from './convolutional.js';
import type {DarknetCfg, DarknetLayer, HeadLayer, ShortcutLayer} from './darknetLayer.js';
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
  /** Outputs that no layer behind this one reads. */
  readonly #free: readonly number[][];
  /** The shortcut behind each convolution that can add while it stores; elsewhere the layer's own number. */
  readonly #sums: readonly number[];

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
    const last = lastUses(cfg.layers);
    this.#free = cfg.layers.map((_, i) => last.flatMap((use, o) => (use === i ? [o] : [])));
    this.#sums = cfg.layers.map((_, i) => sumBehind(cfg.layers, last, i));
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
      while (outputs.length < this.layers.length) {
        const first = outputs.length;
        const end = this.#mayMerge(first) ? this.#sums[first] : first;
        const y = end > first ? this.#sum(first, end, outputs, image) : this.#run(first, outputs, image);
        for (let i = first; i <= end; i++) {
          outputs.push(y);
          // What no later layer reads need not wait for the end.
          for (const o of this.#free[i]) if (o < first) outputs[o].dispose();
        }
      }
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

  /** Whether nothing is lost if layers run as one: nothing learns, and nobody watches what one of them gives. */
  #mayMerge(first: number): boolean {
    if (this.#sums[first] === first || tf.engine().isTapeOn()) return false;
    for (let i = first; i <= this.#sums[first]; i++) {
      if (this.layers[i].training || Object.hasOwn(this.layers[i], 'forward')) return false;
    }
    return true;
  }

  /** A convolution and the shortcut that its output goes into. */
  #sum(first: number, end: number, outputs: readonly tf.Tensor4D[], image: tf.Tensor4D): tf.Tensor4D {
    const convolution = this.layers[first] as Convolutional;
    const {from, activation} = this.cfg.layers[end] as ShortcutLayer;
    return convolution.plus(first === 0 ? image : outputs[first - 1], outputs[from], activation);
  }

  #run(i: number, outputs: readonly tf.Tensor4D[], image: tf.Tensor4D): tf.Tensor4D {
    const layer = this.cfg.layers[i];
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

/** The shortcut that alone reads the output of a linear convolution, through dropouts or not; else the layer itself. */
function sumBehind(layers: readonly DarknetLayer[], last: readonly number[], first: number): number {
  const layer = layers[first];
  if (layer.type !== 'convolutional' || layer.activation !== 'linear') return first;
  for (let i = first; last[i] === i + 1 && i + 1 < layers.length; i++) {
    const next = layers[i + 1];
    if (next.type === 'shortcut' && next.from < first) return i + 1;
    if (next.type !== 'dropout') break;
  }
  return first;
}
