// Grad-CAM: Selvaraju et al., ICCV 2017, arXiv:1610.02391, equations 1 and 2.
import {type Backbone, changeOutputs, features} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import {evaluating} from './evaluating.js';
import {layerNamed} from './layerNamed.js';
import {type ExplainedTarget, scoreOf} from './target.js';

/**
 * Where a layer sees what speaks for a target: its maps, each weighted by the mean of the target's gradient in it,
 * summed and cut at zero.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @param layer - Path of the layer. @defaultValue the last of `model.featureMaps`
 * @returns `[h, w]` float32, 0 or more, in the size of the layer's maps; the caller owns it.
 * @throws TypeError if there is not one image; RangeError if there is no such target, or the layer has no maps or does
 * not lead to it.
 */
export function gradCam(
  model: Backbone,
  image: tf.Tensor4D,
  target: ExplainedTarget,
  layer: string | undefined = model.featureMaps.at(-1)?.layer,
): tf.Tensor2D {
  if (layer === undefined)
    throw new RangeError(`gradCam: ${model.constructor.name} has no maps. Take a network with convolutions.`);
  const module = layerNamed('gradCam', model, layer);
  return evaluating(model, () =>
    tf.tidy(() => {
      const [maps] = features(model, image, [layer]);
      if (maps.rank !== 4) {
        throw new RangeError(
          `gradCam: ${layer} must give maps, [1, h, w, C], got shape [${maps.shape}]. Take a layer before the flattening.`,
        );
      }
      const score = (from: tf.Tensor) => {
        let first = true;
        const replace = (_: unknown, own: tf.Tensor) => {
          if (!first) return own;
          first = false;
          // Whoever takes an output may dispose it.
          return tf.clone(from);
        };
        return changeOutputs([module], replace, () => scoreOf(model, image, target));
      };
      const gradient = tf.grad(score)(maps);
      const weights = tf.mean(gradient, [1, 2], true);
      return tf.squeeze<tf.Tensor2D>(tf.relu(tf.sum(tf.mul(weights, maps), 3)), [0]);
    }),
  );
}
