import {Dropout, Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {Backbone, FeatureMap} from './backbone.js';

type Layer = LayersModel['layers'][number];
type Call = Layer['call'];
type Inputs = Parameters<Call>[0];
type Settings = Parameters<Call>[1];

export interface LayersModelOptions {
  /**
   * Names of the layers whose outputs serve as feature maps, from the finest to the coarsest.
   *
   * @defaultValue the last layer of each height and width that a map of features has
   */
  featureMaps?: readonly string[];
}

/**
 * A model of tfjs-layers as a backbone: its weights are parameters and buffers called `<layer>.<weight>`, such as
 * `conv2d_1.kernel`; its layers are parts that `features`, `freezeStages` and optimizers know. The weights are shared
 * with the model, so training moves both, and `dispose` frees both.
 *
 * A softmax at the end is left out, for a backbone yields logits. Dropout is Foveal's, so that a seed decides it; a
 * frozen layer computes as in evaluation. What tfjs-layers does in training otherwise (batch norm's momentum, noise)
 * stays as it is there; weights that a layer shares stand under its name alone.
 */
export class LayersModelBackbone extends Module implements Backbone {
  /** What was wrapped. */
  readonly layersModel: LayersModel;
  readonly featureMaps: readonly FeatureMap[];
  readonly #parts: ReadonlyMap<Layer, Module>;
  readonly #softmax: Layer | undefined;

  /**
   * @param model - With one input, `[N, H, W, C]` float32 images, and one output.
   * @throws TypeError if it has more of them, RangeError if it has no layer of a name in `featureMaps`.
   */
  constructor(model: LayersModel, {featureMaps}: LayersModelOptions = {}) {
    super();
    if (model.inputs.length !== 1 || model.outputs.length !== 1 || model.inputs[0].shape.length !== 4) {
      throw new TypeError(
        `LayersModelBackbone: expected a model of one input [N, H, W, C] and one output, got inputs ` +
          `${shapes(model.inputs)} and outputs ${shapes(model.outputs)}. Build a tf.model of the part that is needed.`,
      );
    }
    this.layersModel = model;
    const layers = innerLayers(model);
    this.#parts = new Map(layers.map(layer => [layer, partOf(layer)]));
    this.#softmax = layers.find(layer => layer === model.outputs[0].sourceLayer && endsInSoftmax(layer));
    this.featureMaps = featureMapsOf(model, layers, featureMaps);
  }

  protected override *fields(): Generator<readonly [string, unknown]> {
    for (const [{name}, part] of this.#parts) yield [name, part];
  }

  /** @param image - `[N, H, W, C]` float32, preprocessed. @returns `[N, numClasses]` logits. */
  forward(image: tf.Tensor4D): tf.Tensor2D {
    const restore = [...this.#parts].map(([layer, part]) => this.#route(layer, part));
    try {
      return tf.tidy(() => this.layersModel.apply(image, {training: this.training}) as tf.Tensor2D);
    } finally {
      for (const undo of restore) undo();
    }
  }

  /** Sends a layer's calls through its part, where others may watch them. @returns what undoes it. */
  #route(layer: Layer, part: Module): () => void {
    const forward = (inputs: Inputs, settings: Settings) =>
      part instanceof LayerPart
        ? part.forward(inputs, settings, layer === this.#softmax)
        : (part as Dropout).forward(Array.isArray(inputs) ? inputs[0] : inputs);
    Object.defineProperty(layer, 'call', {value: forward, configurable: true});
    return () => Reflect.deleteProperty(layer, 'call');
  }
}

/** One layer: its weights, and its place in the forward pass. */
class LayerPart extends Module {
  readonly #layer: Layer;

  constructor(layer: Layer) {
    super();
    this.#layer = layer;
  }

  protected override *fields(): Generator<readonly [string, unknown]> {
    const seen = new Map<string, number>();
    for (const weight of this.#layer.weights) {
      const short = weight.originalName.slice(weight.originalName.lastIndexOf('/') + 1);
      const times = seen.get(short) ?? 0;
      seen.set(short, times + 1);
      yield [times ? `${short}_${times}` : short, weight.read()];
    }
  }

  forward(inputs: Inputs, settings: Settings, logits = false): ReturnType<Call> {
    const layer = this.#layer;
    const own = (settings?.['training'] ?? this.training) && this.training;
    const training = own && !(this.frozen && layer.weights.length > 0);
    const call = Object.getPrototypeOf(layer).call as Call;
    const run = () => call.call(layer, inputs, {...settings, training});
    return logits ? withoutSoftmax(layer, inputs, run) : run();
  }
}

/** A layer that may have an activation, as tfjs-layers keeps it. */
type Activated = Layer & {activation?: {getClassName(): string; apply(x: tf.Tensor): tf.Tensor} | null};

const endsInSoftmax = (layer: Layer) =>
  layer.getClassName() === 'Softmax' ||
  (layer as Activated).activation?.getClassName().toLowerCase() === 'softmax';

/** Runs a layer without the softmax that ends it. */
function withoutSoftmax(layer: Activated, inputs: Inputs, run: () => ReturnType<Call>): ReturnType<Call> {
  const {activation} = layer;
  if (!activation) return Array.isArray(inputs) ? inputs[0] : inputs;
  layer.activation = {getClassName: () => 'linear', apply: x => x};
  try {
    return run();
  } finally {
    layer.activation = activation;
  }
}

/** The layers in the order they compute, those of models within the model in place of these. */
function innerLayers({layers}: {layers: Layer[]}): Layer[] {
  const inner = layers.flatMap(layer => {
    const nested = (layer as Layer & {layers?: Layer[]}).layers;
    return nested ? innerLayers({layers: nested}) : layer.getClassName() === 'InputLayer' ? [] : [layer];
  });
  return [...new Set(inner)];
}

function partOf(layer: Layer): Module {
  const {rate, noiseShape} = layer.getConfig() as {rate?: number; noiseShape?: unknown};
  const plain = layer.getClassName() === 'Dropout' && rate !== undefined && !noiseShape;
  return plain ? new Dropout(rate) : new LayerPart(layer);
}

const shapes = (tensors: readonly {shape: readonly (number | null)[]}[]) =>
  tensors.map(({shape}) => `[${shape.map(side => side ?? 'any').join(', ')}]`).join(' and ');

function featureMapsOf(
  model: LayersModel,
  layers: readonly Layer[],
  names?: readonly string[],
): readonly FeatureMap[] {
  const [, height] = model.inputs[0].shape;
  const maps = layers.flatMap(layer => {
    const {shape} = outputOf(layer);
    const [, rows, , channels] = shape;
    if (shape.length !== 4 || !rows || !channels || !height) return [];
    return [{layer: layer.name, channels, stride: Math.round(height / rows)}];
  });
  if (!names) return maps.filter(({stride}, i) => stride !== maps[i + 1]?.stride);
  return names.map(name => {
    const map = maps.find(({layer}) => layer === name);
    if (map) return map;
    const known = maps.map(({layer}) => layer).join(', ');
    throw new RangeError(
      `LayersModelBackbone: the model has no layer ${JSON.stringify(name)} that yields maps of known size; ` +
        (known ? `it has ${known}.` : 'build it for images of a fixed height and width.'),
    );
  });
}

/** What a layer yields; of one that is used several times, the first time. */
function outputOf(layer: Layer): {shape: readonly (number | null)[]} {
  const output = layer.getOutputAt(0);
  return Array.isArray(output) ? output[0] : output;
}
