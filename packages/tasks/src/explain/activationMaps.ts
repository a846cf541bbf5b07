// Activations as pictures: Zeiler & Fergus, ECCV 2014, arXiv:1311.2901, section 4.
import {type Backbone, features} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {evaluating} from './evaluating.js';
import {layerNamed} from './layerNamed.js';

/**
 * What each unit of a layer answers to an image, in evaluation mode.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @param layer - Path of the layer, such as `features.3`.
 * @returns `[channels, h, w]` float32: a map for each unit; the caller owns it.
 * @throws RangeError if there is no such layer, or it has no maps.
 */
export function activationMaps(model: Backbone, image: tf.Tensor4D, layer: string): tf.Tensor3D {
  layerNamed('activationMaps', model, layer);
  return evaluating(model, () =>
    tf.tidy(() => {
      const [maps] = features(model, image, [layer]);
      if (maps.rank !== 4 || maps.shape[0] !== 1) {
        throw new RangeError(
          `activationMaps: ${layer} must give maps of one image, [1, h, w, C], got shape [${maps.shape}]. ` +
            'Take a layer before the flattening.',
        );
      }
      return tf.squeeze<tf.Tensor3D>(tf.transpose(maps, [0, 3, 1, 2]), [0]);
    }),
  );
}
