import type {Backbone} from './backbone.js';

/**
 * Holds the first stages as they are, parameters and running statistics: what edges and textures look like is known
 * after pretraining. A stage is what lies before one of the model's feature maps and after the one before; the first
 * has the stem.
 *
 * @param count - How many, up to the number of the model's feature maps; 0 freezes nothing. Of a ResNet, torchvision's
 * `trainable_layers=3` is 1 here.
 * @throws RangeError if there are not that many.
 */
export function freezeStages(model: Backbone, count: number): void {
  const {length} = model.featureMaps;
  if (!Number.isInteger(count) || count < 0 || count > length) {
    throw new RangeError(
      `freezeStages: ${model.constructor.name} has ${length} stages, so count must be an integer from 0 to ${length}; got ${count}.`,
    );
  }
  if (count === 0) return;
  const {layer: last} = model.featureMaps[count - 1];
  let reached = false;
  for (const [path, module] of model.namedModules()) {
    const within = path === last || path.startsWith(`${last}.`);
    if (reached && !within) return;
    reached ||= within;
    const holdsLast = path === '' || last.startsWith(`${path}.`);
    if (!holdsLast) module.freeze();
  }
}
