import * as tf from '@tensorflow/tfjs-core';
import type {DecayOptions} from '../ops/sgdStep.js';

/** Parameters that train alike. */
export interface ParameterGroup extends DecayOptions {
  parameters: readonly tf.Variable[];
  /** Times the optimizer's learning rate: 0.1 for a pretrained part, 1 for a new head. @defaultValue 1 */
  learningRateFactor?: number;
  /** The largest L2 norm of what comes into each unit, kept after each step. @defaultValue the optimizer's */
  maxNorm?: number;
}

/** The parameters of a model, or groups of them. */
export type ParameterList = readonly tf.Variable[] | readonly ParameterGroup[];

/** A plain list of parameters is one group. */
export function asGroups(list: ParameterList): readonly ParameterGroup[] {
  return isGroups(list) ? list : [{parameters: list}];
}

function isGroups(list: ParameterList): list is readonly ParameterGroup[] {
  return list.length > 0 && !(list[0] instanceof tf.Variable);
}
