// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3: one map, of stride 16.
import {Module} from '@foveal/core';
import type {Tensor4D} from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';
import {features} from './features.js';
import {withoutHead} from './withoutHead.js';

/** A backbone up to one of its feature maps. It takes the body over, and frees what lies behind. */
export class SingleMapBackbone extends Module {
  readonly body: Backbone;
  /** The map that `forward` gives. */
  readonly featureMaps: readonly [FeatureMap];

  /** @param map - One of the body's feature maps. */
  constructor(body: Backbone, map: FeatureMap) {
    super();
    this.featureMaps = [map];
    this.body = withoutHead(body, map.layer);
  }

  /** @param image - `[N, H, W, 3]` float32, preprocessed. @returns `[N, H', W', channels]`, one map. */
  forward(image: Tensor4D): Tensor4D[] {
    return features(this.body, image, [this.featureMaps[0].layer]);
  }
}
