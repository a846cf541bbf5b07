import {detectionKind} from './detectionKind.js';

/** A box and a category for each object. */
export const detection = detectionKind({
  command: 'detect',
  about: 'a box and a category for each object',
  trainExamples: [
    'detect --model yolo_small --data digit-scenes --epochs 5 --out runs/scenes',
    'detect --model fasterrcnn --backbone resnet18 --backbone-weights resnet18.pth --data voc:BCCD ' +
      '--image-size 480 --augment flip,jitter --learning-rate 0.01 --out runs/cells',
    'detect --model yolo --cfg yolo-fastest.cfg --weights yolo-fastest.weights --data yolo:data.yaml --out runs/yolo',
  ],
  masks: false,
});
