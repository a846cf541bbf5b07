// Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017, arXiv:1612.03144, sections 3 and 4.1.
import {MaxPool2d, Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import type {Backbone, FeatureMap} from './backbone.js';
import {features} from './features.js';
import {FeaturePyramid, type FeaturePyramidOptions} from './fpn.js';
import {withoutHead} from './withoutHead.js';

export interface PyramidBackboneOptions extends FeaturePyramidOptions {
  /** Layers of the body that the pyramid stands on. @defaultValue its feature maps of stride 4 or more, the last four */
  layers?: readonly string[];
}

/**
 * A backbone with a pyramid on its feature maps, and one map more, of every other pixel of the coarsest, for the
 * largest objects. Names are torchvision's: `body.conv1.weight`, `fpn.inner_blocks.0.0.weight`. It takes the body
 * over, and frees what lies behind the last of the layers.
 */
export class PyramidBackbone extends Module {
  readonly body: Backbone;
  readonly fpn: FeaturePyramid;
  readonly pool = new MaxPool2d({kernelSize: 1, stride: 2});
  /** What `forward` gives; the last is the map more. */
  readonly featureMaps: readonly FeatureMap[];

  /** @throws RangeError if a layer is none of the body's feature maps. */
  constructor(body: Backbone, {layers = pyramidLayers(body), ...options}: PyramidBackboneOptions = {}) {
    super();
    if (layers.length === 0) {
      throw new RangeError(
        `PyramidBackbone: ${body.constructor.name} has no feature map of stride 4 or more. Take another backbone.`,
      );
    }
    const maps = layers.map(layer => featureMap(body, layer));
    this.body = withoutHead(body, layers.at(-1));
    this.fpn = new FeaturePyramid(
      maps.map(({channels}) => channels),
      options,
    );
    const {channels} = this.fpn;
    const last = {layer: 'pool', stride: 2 * maps[maps.length - 1].stride};
    this.featureMaps = [...maps, last].map(({layer, stride}) => ({layer, stride, channels}));
  }

  /** @param image - `[N, H, W, 3]` float32, preprocessed. @returns `[N, H', W', channels]`, the finest first. */
  forward(image: tf.Tensor4D): tf.Tensor4D[] {
    const layers = this.featureMaps.slice(0, -1).map(({layer}) => layer);
    return tf.tidy(() => {
      const maps = this.fpn.forward(features(this.body, image, layers));
      return [...maps, this.pool.forward(maps[maps.length - 1])];
    });
  }
}

function pyramidLayers({featureMaps}: Backbone): string[] {
  return featureMaps
    .filter(({stride}) => stride >= 4)
    .slice(-4)
    .map(({layer}) => layer);
}

function featureMap(body: Backbone, layer: string): FeatureMap {
  const map = body.featureMaps.find(candidate => candidate.layer === layer);
  if (map) return map;
  const known = body.featureMaps.map(({layer}) => layer).join(', ');
  throw new RangeError(
    `PyramidBackbone: ${layer} is no feature map of ${body.constructor.name}. Take of ${known || 'another backbone'}.`,
  );
}
