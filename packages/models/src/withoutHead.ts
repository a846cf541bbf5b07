import {Module} from '@foveal/core';
import type {Backbone} from './backbone.js';

/**
 * Takes away, and frees, what lies behind a layer, such as the classifier of a backbone that becomes part of a
 * detector: a VGG-16 is then 15 of 138 million parameters. `features` still works on the model, up to that layer;
 * `forward` no longer does.
 *
 * @param last - Path of the last layer to keep. @defaultValue the last of `model.featureMaps`
 * @returns The same model.
 * @throws RangeError if there is no such layer.
 */
export function withoutHead<B extends Backbone>(model: B, last = model.featureMaps.at(-1)?.layer): B {
  const modules = new Map(model.namedModules());
  const layer = last === undefined ? undefined : modules.get(last);
  if (!layer) {
    throw new RangeError(
      `withoutHead: ${model.constructor.name} has no layer ${JSON.stringify(last)}. Its feature maps are ` +
        `${model.featureMaps.map(({layer}) => layer).join(', ')}.`,
    );
  }
  cutBehind(model, layer);
  return model;
}

/** Cuts off what comes behind `last` in the order of the fields, which is the order they run in. */
function cutBehind(part: Module, last: Module): void {
  let found = false;
  for (const [key, field] of Object.entries(part)) {
    const items: unknown[] = Array.isArray(field) ? field : [field];
    const holder = items.findIndex(item => item instanceof Module && contains(item, last));
    if (found) {
      if (Array.isArray(field)) disposeAll(field.splice(0));
      else if (field instanceof Module) {
        disposeAll(items);
        Object.assign(part, {[key]: new TakenAway(key)});
      }
    } else if (holder >= 0) {
      found = true;
      const owner = items[holder] as Module;
      if (owner !== last) cutBehind(owner, last);
      if (Array.isArray(field)) disposeAll(field.splice(holder + 1));
    }
  }
}

function disposeAll(items: readonly unknown[]): void {
  for (const item of items) if (item instanceof Module) item.dispose();
}

/** Stands where a part was, and says so. */
export class TakenAway extends Module {
  readonly #part: string;

  constructor(part: string) {
    super();
    this.#part = part;
  }

  forward(): never {
    throw new Error(
      `${this.#part} was taken away when its network became part of another. Use features(), or build the network anew.`,
    );
  }
}

function contains(module: Module, part: Module): boolean {
  for (const [, inner] of module.namedModules()) if (inner === part) return true;
  return false;
}
