import {type Module, nearestName} from '@foveal/core';
import type {Backbone} from '@foveal/models';

/**
 * The part of a model at a path such as `layer3.0.conv1`.
 *
 * @param op - Who asks, for the message.
 * @throws RangeError with the nearest path if there is none.
 */
export function layerNamed(op: string, model: Backbone, layer: string): Module {
  const modules = new Map(model.namedModules());
  modules.delete('');
  const found = modules.get(layer);
  if (found) return found;
  const near = nearestName(layer, [...modules.keys()]);
  throw new RangeError(
    `${op}: ${model.constructor.name} has no layer ${JSON.stringify(layer)}.` +
      `${near ? ` Did you mean ${near}?` : ''} foveal models NAME --summary lists all, model.namedModules() too.`,
  );
}
