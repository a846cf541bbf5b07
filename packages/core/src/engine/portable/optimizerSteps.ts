import * as tf from '@tensorflow/tfjs-core';
import {AdaDeltaStep, type AdaDeltaStepAttrs} from '../../ops/adaDeltaStep.js';
import {AdaGradStep, type AdaGradStepAttrs} from '../../ops/adaGradStep.js';
import {AdamStep, type AdamStepAttrs} from '../../ops/adamStep.js';
import {RmsPropStep, type RmsPropStepAttrs} from '../../ops/rmsPropStep.js';
import {SgdStep, type SgdStepAttrs} from '../../ops/sgdStep.js';
import {type PortableKernel, portableKernel} from './portableKernel.js';

const sgdStep = stepKernel<SgdStepAttrs>(
  SgdStep,
  ({momentum}) => (momentum === 0 ? 0 : 1),
  (param, grad, [velocity], {learningRate, momentum, dampening, nesterov, first}) => {
    if (!velocity) return [tf.sub(param, tf.mul(grad, learningRate))];
    const next = first ? tf.clone(grad) : tf.add(tf.mul(velocity, momentum), tf.mul(grad, 1 - dampening));
    const direction = nesterov ? tf.add(grad, tf.mul(next, momentum)) : next;
    return [tf.sub(param, tf.mul(direction, learningRate)), next];
  },
);

const adamStep = stepKernel<AdamStepAttrs>(
  AdamStep,
  () => 2,
  (param, grad, [m, v], {learningRate, beta1, beta2, epsilon, weightDecay, decoupled, step}) => {
    const decayed = decoupled ? tf.mul(param, 1 - learningRate * weightDecay) : param;
    const nextM = mix(m, grad, beta1);
    const nextV = mix(v, tf.square(grad), beta2);
    const denominator = tf.add(tf.div(tf.sqrt(nextV), Math.sqrt(1 - beta2 ** step)), epsilon);
    const update = tf.mul(tf.div(nextM, denominator), learningRate / (1 - beta1 ** step));
    return [tf.sub(decayed, update), nextM, nextV];
  },
);

const rmsPropStep = stepKernel<RmsPropStepAttrs>(
  RmsPropStep,
  ({momentum}) => (momentum === 0 ? 1 : 2),
  (param, grad, [average, velocity], {learningRate, alpha, epsilon, momentum}) => {
    const next = mix(average, tf.square(grad), alpha);
    const scaled = tf.div(grad, tf.add(tf.sqrt(next), epsilon));
    if (!velocity) return [tf.sub(param, tf.mul(scaled, learningRate)), next];
    const nextVelocity = tf.add(tf.mul(velocity, momentum), scaled);
    return [tf.sub(param, tf.mul(nextVelocity, learningRate)), next, nextVelocity];
  },
);

const adaGradStep = stepKernel<AdaGradStepAttrs>(
  AdaGradStep,
  () => 1,
  (param, grad, [sum], {learningRate, epsilon}) => {
    const next = tf.add(sum, tf.square(grad));
    return [tf.sub(param, tf.mul(tf.div(grad, tf.add(tf.sqrt(next), epsilon)), learningRate)), next];
  },
);

const adaDeltaStep = stepKernel<AdaDeltaStepAttrs>(
  AdaDeltaStep,
  () => 2,
  (param, grad, [average, deltas], {learningRate, rho, epsilon}) => {
    const next = mix(average, tf.square(grad), rho);
    const rate = tf.sqrt(tf.div(tf.add(deltas, epsilon), tf.add(next, epsilon)));
    const delta = tf.mul(rate, grad);
    return [tf.sub(param, tf.mul(delta, learningRate)), next, mix(deltas, tf.square(delta), rho)];
  },
);

export const optimizerSteps = [sgdStep, adamStep, rmsPropStep, adaGradStep, adaDeltaStep];

/** What the five steps share. `decoupled` is Adam's alone. */
type DecayAttrs = {weightDecay: number; l1: number; decoupled?: boolean};

/**
 * Lifts the update of one parameter to a kernel over all of them.
 *
 * @param stateCount - Lists of states among the inputs.
 * @param update - Gives the new parameter, then its new states.
 */
function stepKernel<Attrs extends DecayAttrs>(
  kernelName: string,
  stateCount: (attrs: Attrs) => number,
  update: (param: tf.Tensor, grad: tf.Tensor, states: tf.Tensor[], attrs: Attrs) => tf.Tensor[],
): PortableKernel {
  return portableKernel<Record<string, tf.Tensor>, Attrs>(kernelName, (inputs, attrs) => {
    const tensors = Object.values(inputs);
    const count = tensors.length / (2 + stateCount(attrs));
    const list = (n: number) => tensors.slice(n * count, (n + 1) * count);
    const [params, grads] = [list(0), list(1)];
    const states = Array.from({length: stateCount(attrs)}, (_, n) => list(2 + n));
    const updated = params.map((param, i) =>
      tf.tidy(() =>
        update(
          param,
          withDecay(param, grads[i], attrs),
          states.map(list => list[i]),
          attrs,
        ),
      ),
    );
    return Array.from({length: 1 + states.length}, (_, n) => updated.map(tensors => tensors[n])).flat();
  });
}

function withDecay(param: tf.Tensor, grad: tf.Tensor, {weightDecay, l1, decoupled}: DecayAttrs): tf.Tensor {
  let sum = grad;
  if (weightDecay !== 0 && !decoupled) sum = tf.add(sum, tf.mul(param, weightDecay));
  if (l1 !== 0) sum = tf.add(sum, tf.mul(tf.sign(param), l1));
  return sum;
}

/** A moving average: `share` of the old, the rest of the new. */
const mix = (old: tf.Tensor, next: tf.Tensor, share: number) =>
  tf.add(tf.mul(old, share), tf.mul(next, 1 - share));
