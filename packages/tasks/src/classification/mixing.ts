import {cutmix, type MixBatch, mixup} from '@foveal/data';

/**
 * What mixes the images of training batches: mixup, cutmix, or, where both are asked for, one of them at random, as
 * torchvision's recipes do.
 *
 * @returns undefined if neither is asked for.
 * @throws RangeError unless an alpha that is given is positive.
 */
export function mixing(alphas: {
  mixup?: number | undefined;
  cutmix?: number | undefined;
}): MixBatch | undefined {
  const ways = [
    ...(alphas.mixup === undefined ? [] : [mixup({alpha: alphas.mixup})]),
    ...(alphas.cutmix === undefined ? [] : [cutmix({alpha: alphas.cutmix})]),
  ];
  if (ways.length < 2) return ways[0];
  return (batch, random) => ways[random.int(ways.length)](batch, random);
}
