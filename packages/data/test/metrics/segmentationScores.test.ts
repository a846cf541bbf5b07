import {confusionMatrix, segmentationScores} from '@foveal/data';
import test from 'ava';

test('two halves that overlap by a third have IoU one third each', t => {
  // Truth: left 4 of 8 pixels are class 0. Predicted: pixels 2 to 5 are class 0; so 2 in both, 6 in either.
  const truth = Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1);
  const predicted = Uint8Array.of(1, 1, 0, 0, 0, 0, 1, 1);
  const scores = segmentationScores(confusionMatrix(truth, predicted, {classes: 2}), ['a', 'b']);
  t.deepEqual(scores, {
    pixelAccuracy: 1 / 2,
    meanAccuracy: 1 / 2,
    meanIou: 1 / 3,
    frequencyWeightedIou: 1 / 3,
    iou: {a: 1 / 3, b: 1 / 3},
  });
});

test('means leave out classes that are nowhere, and count those that were only predicted', t => {
  const matrix = confusionMatrix([0, 0, 255], [0, 1, 2], {classes: 3, ignoreIndex: 255});
  const {iou, meanIou, meanAccuracy} = segmentationScores(matrix, ['a', 'b', 'c']);
  t.deepEqual(iou, {a: 1 / 2, b: 0, c: null});
  t.is(meanIou, 1 / 4);
  t.is(meanAccuracy, 1 / 2);
});

test('classes are weighted by their pixels', t => {
  // a: 3 pixels, IoU 3/4; b: 1 pixel, IoU 0.
  const matrix = confusionMatrix([0, 0, 0, 1], [0, 0, 0, 0], {classes: 2});
  t.is(segmentationScores(matrix, ['a', 'b']).frequencyWeightedIou, (3 / 4) * (3 / 4));
});

test('nothing gives null, which JSON can hold', t => {
  const scores = segmentationScores(confusionMatrix([255], [0], {classes: 1, ignoreIndex: 255}), ['a']);
  t.deepEqual(JSON.parse(JSON.stringify(scores)), {
    pixelAccuracy: null,
    meanAccuracy: null,
    meanIou: null,
    frequencyWeightedIou: null,
    iou: {a: null},
  });
});
