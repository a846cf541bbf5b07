import type * as tf from '@tensorflow/tfjs-core';

/** What a head says about all its boxes. P is their number, C the categories. */
export type YoloPredictions = {
  /** `[N, P, 4]` float32, `[x1, y1, x2, y2]` in pixels of the network's input, not cut at its border. */
  boxes: tf.Tensor3D;
  /** `[N, P, C]` float32 in [0, 1]: the chance of an object times that of its category. */
  scores: tf.Tensor3D;
};
