import {checkShapes} from '@foveal/core';
import {type Backbone, features} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** What to explain: the score of a category before the softmax, or one unit of a layer. */
export type ExplainedTarget =
  | {
      /** The number of the category. */
      category: number;
    }
  | {
      /** Path of the layer, such as `features.3`. */
      layer: string;
      /** The number of its map, or of its output where the layer has no maps. */
      channel: number;
      /** `[row, column]` in the map. @defaultValue where the map is strongest */
      at?: readonly [number, number];
    };

/**
 * The value of a target, a scalar. Differentiable in the image.
 *
 * @param image - `[1, H, W, C]` float32, preprocessed.
 * @throws TypeError if there is not one image; RangeError if there is no such category or unit.
 */
export function scoreOf(model: Backbone, image: tf.Tensor4D, target: ExplainedTarget): tf.Scalar {
  checkShapes('scoreOf', {image: [image, '1 H W C']}, 'Explain one image at a time.');
  return tf.tidy(() => {
    if ('category' in target) {
      const logits = model.forward(image);
      checkIndex('category', target.category, logits.shape[1]);
      return tf.reshape(tf.slice(logits, [0, target.category], [1, 1]), []) as tf.Scalar;
    }
    const [maps] = features(model, image, [target.layer]) as tf.Tensor[];
    checkIndex('channel', target.channel, maps.shape[maps.rank - 1]);
    if (maps.rank === 2) return tf.reshape(tf.slice(maps, [0, target.channel], [1, 1]), []) as tf.Scalar;
    const place = target.at ?? strongestPlace(maps as tf.Tensor4D, target.channel);
    checkIndex('row', place[0], maps.shape[1] as number);
    checkIndex('column', place[1], maps.shape[2] as number);
    return tf.reshape(tf.slice(maps, [0, ...place, target.channel], [1, 1, 1, 1]), []) as tf.Scalar;
  });
}

/** Where a map of one image has its largest value, `[row, column]`: the first place, if it stands in several. */
function strongestPlace(maps: tf.Tensor4D, channel: number): [number, number] {
  const [, height, width] = maps.shape;
  const index = tf.tidy(
    () =>
      tf.argMax(tf.reshape(tf.slice(maps, [0, 0, 0, channel], [1, height, width, 1]), [-1])).dataSync()[0],
  );
  return [Math.floor(index / width), index % width];
}

function checkIndex(name: string, index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new RangeError(`scoreOf: ${name} must be an integer in [0, ${count}), got ${index}.`);
}
