import {Module} from '@foveal/core';
import {type Backbone, features} from '@foveal/models';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * The part of a backbone that makes its feature maps: what comes after the last of them has no use here, and is freed.
 * Names are the backbone's own.
 */
export class BackboneEncoder extends Module {
  readonly #backbone: Backbone;

  constructor(backbone: Backbone) {
    super();
    this.#backbone = backbone;
    const used = new Set(this.#parts());
    for (const [, part] of Object.entries(backbone)) {
      if (part instanceof Module && !used.has(part)) part.dispose();
    }
  }

  #parts(): Module[] {
    return [...this.fields()].map(([, part]) => part as Module);
  }

  protected override fields(): Iterable<readonly [string, unknown]> {
    const {featureMaps} = this.#backbone;
    const parts = Object.entries(this.#backbone).filter(([, part]) => part instanceof Module);
    const last = Math.max(
      ...featureMaps.map(({layer}) => parts.findIndex(([name]) => name === layer.split('.')[0])),
    );
    return parts.slice(0, last + 1);
  }

  /** A classifier's weights have a head, which has no place here. */
  weightsName(name: string): string | null {
    const own = this.#backbone.weightsName ? this.#backbone.weightsName(name) : name;
    const [part] = own?.split('.') ?? [];
    return [...this.fields()].some(([field]) => field === part) ? own : null;
  }

  /** @returns The feature maps, from the finest. */
  forward(images: tf.Tensor4D): tf.Tensor4D[] {
    return features(this.#backbone, images);
  }
}
