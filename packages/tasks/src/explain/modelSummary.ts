import {Conv2d, type Module} from '@foveal/core';
import {layerMultiplyAdds, shapesOnly, watchOutputs} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {evaluating} from './evaluating.js';
import {FieldTrace} from './fieldTrace.js';
import type {ReceptiveField} from './receptiveField.js';

/** A layer as it runs on an image of a given size. */
export interface LayerSummary {
  /** Its path, as `--layer` takes it. */
  name: string;
  /** Paths of the parts that it is the end of, and that hand on what it gave: `layer1` behind `layer1.2`. */
  ends: string[];
  /** The name of its class. */
  kind: string;
  /** What it gives for one image: `[height, width, channels]`, or `[units]`. */
  output: number[];
  /** Its own trainable values, without those of its parts. */
  parameters: number;
  /** Multiplications, each with its addition, for one image; of convolutions and fully connected layers. */
  multiplyAdds: number;
  /** What one of its units sees of the image. */
  field: ReceptiveField;
  /** Rows and columns at the end that no window reaches, as the stride does not fit. */
  left: [number, number];
}

export interface ModelSummary {
  layers: LayerSummary[];
  parameters: number;
  multiplyAdds: number;
}

/** Runs the layers that a summary is to list. */
export type Pass = (image: tf.Tensor4D) => void;

/**
 * Every layer of a model, in the order in which they run: its output size, cost and receptive field. A part that hands
 * on what its last part gave has no line of its own; a layer that runs several times has as many, its parameters once.
 * Nothing is computed but shapes.
 *
 * @param inputShape - `[height, width, channels]` of the image.
 * @param run - What is listed. @defaultValue the model's own forward pass
 */
export function modelSummary(
  model: Module,
  inputShape: readonly [number, number, number],
  run: Pass = image => void (model as Module & {forward: Pass}).forward(image),
): ModelSummary {
  const names = new Map([...model.namedModules()].map(([name, module]) => [module, name]));
  names.delete(model);
  const layers: LayerSummary[] = [];
  evaluating(model, () =>
    shapesOnly(() => {
      const image = tf.zeros<tf.Rank.R4>([1, ...inputShape]);
      const trace = new FieldTrace();
      const listed = new WeakMap<tf.Tensor, LayerSummary>();
      const counted = new Set<Module>();
      const note = (module: Module, output: tf.Tensor) => {
        const map = trace.of(output);
        if (!map) return;
        const name = names.get(module) ?? '';
        const end = listed.get(output);
        if (end) {
          end.ends.push(name);
          return;
        }
        const layer: LayerSummary = {
          name,
          ends: [],
          kind: module.constructor.name,
          output: output.shape.slice(1),
          parameters: counted.has(module) ? 0 : ownParameters(module),
          multiplyAdds: layerMultiplyAdds(module, output),
          field: map.field,
          left: module instanceof Conv2d || 'kernelSize' in module ? map.left : [0, 0],
        };
        layers.push(layer);
        listed.set(output, layer);
        counted.add(module);
      };
      trace.follow(image, () => watchOutputs(names.keys(), note, () => run(image)));
      return undefined;
    }),
  );
  return {
    layers,
    parameters: model.numParameters(),
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0),
  };
}

function ownParameters(module: Module): number {
  const inParts = new Set(
    [...module.namedModules()].filter(([path]) => path !== '').flatMap(([, part]) => part.parameters()),
  );
  return module.parameters().reduce((sum, own) => sum + (inParts.has(own) ? 0 : own.size), 0);
}
