// One object an image: Sermanet et al., "OverFeat", ICLR 2014, arXiv:1312.6229, section 4; two branches on shared
// features as in Simonyan & Zisserman, ICLR 2015, arXiv:1409.1556, appendix A.
import {AdaptiveAvgPool2d, defaultRandom, flatten, Linear, Module, type Random} from '@foveal/core';
import {type Backbone, features, withoutHead} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

export interface LocalizerNetworkOptions {
  /** How many categories there are. */
  categories: number;
  /** Layer whose maps are looked at. @defaultValue the last of the backbone's feature maps */
  layer?: string;
  /** Cells along each side that the maps are averaged in, so that places stay apart. @defaultValue 4 */
  grid?: number;
  /** Units of the layer that both branches share. @defaultValue 256 */
  hidden?: number;
  /** Where the new layers start from. @defaultValue the stream of `defaultRandom` */
  random?: Random;
}

/** What a localizer says about images. */
export interface Localized {
  /** `[N, categories]` float32, logits. */
  logits: tf.Tensor2D;
  /** `[N, 4]` float32: centre, width and height as shares of the input, `[x, y, width, height]`. */
  boxes: tf.Tensor2D;
}

/** Names the object of an image, and says where it is, from any backbone with feature maps. */
export class LocalizerNetwork extends Module {
  readonly backbone: Backbone;
  readonly hidden: Linear;
  readonly category: Linear;
  readonly box: Linear;
  readonly #layer: string;
  readonly #pool: AdaptiveAvgPool2d;

  /** @param backbone - Taken over: what lies behind `layer` is cut off. @throws RangeError if there is no such layer. */
  constructor(backbone: Backbone, options: LocalizerNetworkOptions) {
    super();
    const {categories, grid = 4, hidden = 256, random = defaultRandom()} = options;
    const map = options.layer
      ? backbone.featureMaps.find(({layer}) => layer === options.layer)
      : backbone.featureMaps.at(-1);
    if (!map) {
      throw new RangeError(
        `localizer: the backbone has no feature map ${options.layer ?? ''}. ` +
          `It has ${backbone.featureMaps.map(({layer}) => layer).join(', ') || 'none'}.`,
      );
    }
    this.backbone = withoutHead(backbone, map.layer);
    this.hidden = new Linear(map.channels * grid ** 2, hidden, {random});
    this.category = new Linear(hidden, categories, {random});
    this.box = new Linear(hidden, 4, {random});
    // The middle half of the image, before anything is known.
    tf.tidy(() => this.box.bias?.assign(tf.fill([4], 0.5)));
    this.#layer = map.layer;
    this.#pool = new AdaptiveAvgPool2d([grid, grid]);
  }

  /** @param images - `[N, H, W, 3]` float32, preprocessed. */
  forward(images: tf.Tensor4D): Localized {
    return tf.tidy(() => {
      const [map] = features(this.backbone, images, [this.#layer]);
      const shared = tf.relu(this.hidden.forward(flatten(this.#pool.forward(map))));
      return {logits: this.category.forward(shared), boxes: this.box.forward(shared)};
    });
  }
}
