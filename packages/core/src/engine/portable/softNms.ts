import * as tf from '@tensorflow/tfjs-core';
import {SoftNms, type SoftNmsAttrs} from '../../ops/softNms.js';
import {areApart, areas, intersectionOverUnion} from './boxIou.js';
import {portableKernel} from './portableKernel.js';

export const softNms = portableKernel<{boxes: tf.Tensor2D; scores: tf.Tensor1D}, SoftNmsAttrs>(
  SoftNms,
  ({boxes, scores}, {method, sigma, iouThreshold, scoreThreshold}) => {
    const candidates = areas(boxes.dataSync<'float32'>());
    const current = scores.dataSync<'float32'>().slice();
    const decay = {
      linear: (iou: number) => (iou >= iouThreshold ? 1 - iou : 1),
      gaussian: (iou: number) => Math.exp(-(iou * iou) / sigma),
    }[method];

    const taken: number[] = [];
    let left = [...current.keys()].filter(i => current[i] >= scoreThreshold);
    while (left.length > 0) {
      const best = left.reduce((most, i) => (current[i] > current[most] ? i : most));
      taken.push(best);
      left = left.filter(i => {
        if (i === best) return false;
        if (areApart(candidates, best, i)) return true;
        const iou = intersectionOverUnion(candidates, best, candidates, i);
        if (iou > 0) current[i] *= decay(iou);
        return current[i] >= scoreThreshold;
      });
    }
    return [tf.tensor1d(taken, 'int32'), tf.tensor1d(taken.map(i => current[i]))];
  },
);
