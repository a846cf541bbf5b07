// The prior of a rare class: Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, arXiv:1708.02002,
// section 4.1.
import {init, Random} from '@foveal/core';
import {Convolutional, type Darknet} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';

/** Chance of an object that every box begins with: most hold none, and would teach nothing else at first. */
const prior = 0.01;

/** Lets the heads of a new network say nearly nothing: boxes like their anchors, objects rare, categories even. */
export function startHeads({heads, layers}: Darknet, random: Random = new Random(0)): void {
  for (const {layer, index} of heads) {
    const feeding = layers[index - 1];
    if (layer.type === 'detection' || !(feeding instanceof Convolutional)) continue;
    const {weight, bias} = feeding.conv;
    const values = new Float32Array(weight.shape[3]);
    for (let i = 4; i < values.length; i += 5 + layer.classes) values[i] = Math.log(prior / (1 - prior));
    tf.tidy(() => {
      weight.assign(init.normal(0, 0.01)<tf.Rank.R4>(weight.shape, random));
      bias?.assign(tf.tensor1d(values));
    });
  }
}
