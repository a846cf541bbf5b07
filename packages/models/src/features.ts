import type {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone} from './backbone.js';
import {watchOutputs} from './watchOutputs.js';

/**
 * What inner layers of a model make of an image: the input of heads for detection and segmentation. Differentiable in
 * the image and in all parameters before; what lies behind the last of the layers is not computed.
 *
 * @param image - `[N, H, W, C]` float32, preprocessed.
 * @param layers - Paths of modules, such as `layer3` or `layer3.0.conv1`. @defaultValue those of `model.featureMaps`
 * @returns The output of each, in the order of `layers`; the caller owns them. Of a module that runs several times,
 * the first.
 * @throws RangeError if there is no such layer, or if the forward pass leaves it out.
 */
export function features(
  model: Backbone,
  image: tf.Tensor4D,
  layers: readonly string[] = model.featureMaps.map(({layer}) => layer),
): tf.Tensor4D[] {
  const modules = modulesAt(model, layers);
  const outputs = new Map<Module, tf.Tensor>();
  const keep = (module: Module, output: tf.Tensor) => {
    if (outputs.has(module)) return;
    // The model's own scopes end before the features are handed out.
    outputs.set(module, tf.keep(tf.clone(output)));
    if (modules.every(wanted => outputs.has(wanted))) throw complete;
  };
  try {
    if (modules.length > 0)
      untilComplete(() => watchOutputs(new Set(modules), keep, () => model.forward(image)));
    return modules.map((module, i) => {
      const output = outputs.get(module);
      if (output) return tf.clone(output) as tf.Tensor4D;
      throw new RangeError(
        `features: ${model.constructor.name} does not run ${layers[i]} in its forward pass. ` +
          `Take another layer: ${known(model)}.`,
      );
    });
  } finally {
    for (const output of outputs.values()) output.dispose();
  }
}

/** Thrown through the model's forward pass, to leave it in the middle. */
const complete = Symbol('all features are there');

function untilComplete(run: () => tf.Tensor): void {
  try {
    tf.tidy(() => void run());
  } catch (thrown) {
    if (thrown !== complete) throw thrown;
  }
}

function modulesAt(model: Backbone, layers: readonly string[]): Module[] {
  const modules = new Map(model.namedModules());
  return layers.map(layer => {
    const module = modules.get(layer);
    if (module) return module;
    throw new RangeError(
      `features: ${model.constructor.name} has no layer ${JSON.stringify(layer)}. It has ${known(model)}, ` +
        'and the paths that model.namedModules() gives.',
    );
  });
}

const known = ({featureMaps}: Backbone) =>
  featureMaps.map(({layer}) => layer).join(', ') || 'no feature maps';
