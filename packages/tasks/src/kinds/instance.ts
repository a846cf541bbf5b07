import {detectionKind} from './detectionKind.js';

/** A box, a mask and a category for each object. */
export const instance = detectionKind({
  command: 'instance',
  about: 'a box, a mask and a category for each object',
  trainExamples: [
    'instance --model maskrcnn --backbone resnet18 --backbone-weights resnet18.pth --data coco:annotations.json ' +
      '--image-size 480 --learning-rate 0.01 --out runs/masks',
    'instance --model maskrcnn_resnet50_fpn --weights maskrcnn_resnet50_fpn_coco.pth --data instances:images ' +
      '--masks masks --out runs/people',
  ],
  masks: true,
});
