import {join} from 'node:path';
import test from 'ava';
import {imageNetEval} from '../../src/weights/preprocessing.js';
import {preprocessIn, weightsPreprocess} from '../../src/weights/weightsPreprocess.js';
import {writeSafetensors} from '../../src/weights/writeSafetensors.js';
import {temporaryFolder} from './support.js';

const caffe = {
  inputSize: [227, 227],
  resize: 256,
  rounding: 'nearest',
  color: 'bgr',
  scale: 1,
  mean: [104, 117, 123],
  std: [1, 1, 1],
};

test('a file says in words or as JSON what it expects', async t => {
  const path = join(await temporaryFolder(t), 'some.safetensors');
  await writeSafetensors(path, new Map(), {input: '227x227 BGR, minus 104,117,123, no scaling'});
  t.deepEqual(await weightsPreprocess(path), caffe);
  t.deepEqual(preprocessIn({preprocess: JSON.stringify(imageNetEval), input: 'whatever'}), imageNetEval);
  t.deepEqual(preprocessIn({input: '300x200 RGB, minus 1.5, 2, 3, no scaling'}), {
    inputSize: [200, 300],
    color: 'rgb',
    scale: 1,
    mean: [1.5, 2, 3],
    std: [1, 1, 1],
  });
});

test('a published file is known by its name, before it is read', async t => {
  t.is((await weightsPreprocess('anywhere/resnet50-11ad3fa6.pth'))?.resize, 232);
  t.is((await weightsPreprocess('resnet50-0676ba61.pth'))?.resize, 256);
  t.deepEqual((await weightsPreprocess('vgg16_features-amdegroot-88682ab5.pth'))?.std, [
    1 / 255,
    1 / 255,
    1 / 255,
  ]);
});

test('what is not understood is unknown, and what is wrong is refused', t => {
  t.is(preprocessIn({}), undefined);
  t.is(preprocessIn({input: '227x227 BGR, scaled'}), undefined);
  t.is(preprocessIn({input: '227x227 BGR, minus 104,117, no scaling'}), undefined);
  for (const preprocess of [
    '{',
    'null',
    '{}',
    JSON.stringify({...imageNetEval, mean: [0.5]}),
    JSON.stringify({...imageNetEval, color: 'cmyk'}),
    JSON.stringify({...imageNetEval, std: [1, 1, null]}),
  ]) {
    t.throws(() => preprocessIn({preprocess}), {
      instanceOf: TypeError,
      message: /preprocess must be \{"inputSize"/,
    });
  }
});
