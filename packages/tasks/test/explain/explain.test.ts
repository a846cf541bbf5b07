import {readFileSync} from 'node:fs';
import {selectEngine} from '@foveal/core';
import {LinearClassifier, models} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo, keepsOnlyResults} from '../../../core/test/support.js';
import {activationMaps} from '../../src/explain/activationMaps.js';
import {deconvnet} from '../../src/explain/deconvnet.js';
import {firstLayerFilters} from '../../src/explain/firstLayerFilters.js';
import {gradCam} from '../../src/explain/gradCam.js';
import {guidedBackprop} from '../../src/explain/guidedBackprop.js';
import {inputGradient} from '../../src/explain/inputGradient.js';
import {applyKernel, kernels} from '../../src/explain/kernels.js';
import {occlusion} from '../../src/explain/occlusion.js';
import {saliency} from '../../src/explain/saliency.js';
import {topRegions} from '../../src/explain/topRegions.js';
import {OneConvolution, SmallNetwork} from './networks.js';

test.before(async () => {
  await selectEngine();
});

const noise = (shape: [number, number, number, number], seed = 3) =>
  tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', seed);

test.serial('the saliency of a linear classifier is the size of its weights, whatever the image', t => {
  const model = new LinearClassifier({inputSize: [3, 4], channels: 3, numClasses: 2});
  const template = tf.slice(model.templates(), [1, 0, 0, 0], [1, 3, 4, 3]) as tf.Tensor4D;
  const image = noise([1, 3, 4, 3]);
  closeTo(t, inputGradient(model, image, {category: 1}), template);
  closeTo(t, saliency(model, image, {category: 1}), tf.squeeze(tf.max(tf.abs(template), 3), [0]));
  t.true(model.training, 'the mode is as before');
  t.throws(() => saliency(model, image, {category: 2}), {
    message: /category must be an integer in \[0, 2\), got 2/,
  });
  t.throws(() => saliency(model, noise([2, 3, 4, 3]), {category: 0}), {message: /one image at a time/});
});

test.serial(
  'hiding a part of the image lowers the score of a linear classifier by what stood there',
  async t => {
    const model = new LinearClassifier({inputSize: [4, 5], channels: 1, numClasses: 2});
    const image = noise([1, 4, 5, 1]);
    const template = tf.slice(model.templates(), [1, 0, 0, 0], [1, 4, 5, 1]) as tf.Tensor4D;
    const value = 0.5;
    const {whole, falls, map} = await occlusion(model, image, {
      category: 1,
      size: 2,
      stride: 2,
      value,
      measure: 'score',
      batchSize: 4,
    });
    const score = model.forward(image).dataSync()[1];
    t.true(Math.abs(whole - score) < 1e-6);
    const loss = tf.mul(template, tf.sub(image, value)).arraySync() as number[][][][];
    const at = (y: number, x: number) =>
      loss[0][y][x][0] + loss[0][y][x + 1][0] + loss[0][y + 1][x][0] + loss[0][y + 1][x + 1][0];
    // The last column of places ends at the border.
    const expected = [0, 2].map(y => [0, 2, 3].map(x => at(y, x)));
    closeTo(t, falls, tf.tensor2d(expected), {tolerance: 1e-4});
    const pixels = map.arraySync();
    t.true(Math.abs(pixels[0][0] - expected[0][0]) < 1e-4);
    t.true(Math.abs(pixels[3][3] - (expected[1][1] + expected[1][2]) / 2) < 1e-4, 'two squares hid it');
    const probable = await occlusion(model, image, {category: 1, size: 4});
    const share = tf.softmax(model.forward(image)).dataSync()[1];
    t.true(Math.abs(probable.whole - share) < 1e-6);
    await t.throwsAsync(occlusion(model, image, {category: 1, size: 5}), {
      message: /in \[1, 4\] pixels, got 5/,
    });
  },
);

test.serial('Grad-CAM of one convolution by hand', t => {
  // Maps: the image and its double, negated; their means go into category 1 by 3 and -1.
  const filters = tf.tensor4d([1, -2], [1, 1, 1, 2]);
  const model = new OneConvolution(filters, tf.tensor2d([0, 0, 3, -1], [2, 2]));
  const image = tf.tensor4d([1, -2, 3, 0, 5, -6], [1, 2, 3, 1]);
  // Each gradient is that weight over 6 places; 3/6 · x − 1/6 · (−2x) = 5x/6.
  const expected = tf.relu(tf.mul(tf.reshape(image, [2, 3]), 5 / 6));
  closeTo(t, gradCam(model, image, {category: 1}), expected as tf.Tensor2D);
  closeTo(t, gradCam(model, image, {category: 0}, 'conv'), tf.zeros([2, 3]));
  keepsOnlyResults(t, () => gradCam(model, image, {category: 1}));
  t.throws(() => gradCam(model, image, {category: 1}, 'con'), {
    message: /no layer "con". Did you mean conv\?/,
  });
  t.throws(() => gradCam(model, image, {category: 1}, 'fc'), {message: /fc must give maps/});
});

interface Values {
  shape: number[];
  values: number[];
}
interface Golden {
  state: Record<string, Values>;
  image: Values;
  category: number;
  gradients: Record<'gradient' | 'guided' | 'deconvnet', Values>;
  saliency: Values;
  gradCam: Values;
  unit: {layer: string; channel: number; guided: Values; deconvnet: Values};
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../fixtures/golden/explain.json', import.meta.url), 'utf8'),
) as Golden;
const tensor = <T extends tf.Tensor>({shape, values}: Values) => tf.tensor(values, shape) as T;

test.serial('saliency, guided backpropagation, deconvnet and Grad-CAM are those of PyTorch', t => {
  const model = new SmallNetwork();
  model.loadStateDict(
    Object.fromEntries(Object.entries(golden.state).map(([name, value]) => [name, tensor(value)])),
  );
  const image = tensor<tf.Tensor4D>(golden.image);
  const target = {category: golden.category};
  const {layer, channel, ...unit} = golden.unit;
  const tolerance = 1e-4;
  const same = (actual: tf.Tensor, expected: Values, message: string) =>
    closeTo(t, actual, tensor(expected), {tolerance, message});
  same(inputGradient(model, image, target), golden.gradients.gradient, 'gradient');
  same(saliency(model, image, target), golden.saliency, 'saliency');
  same(guidedBackprop(model, image, target), golden.gradients.guided, 'guided');
  same(deconvnet(model, image, target), golden.gradients.deconvnet, 'deconvnet');
  same(gradCam(model, image, target), golden.gradCam, 'Grad-CAM');
  same(guidedBackprop(model, image, {layer, channel}), unit.guided, 'guided, a unit');
  same(deconvnet(model, image, {layer, channel}), unit.deconvnet, 'deconvnet, a unit');
  keepsOnlyResults(t, () => deconvnet(model, image, {layer, channel}));
});

test.serial('the maps of a layer come one by one, those of a flat layer not at all', t => {
  const model = new OneConvolution(tf.tensor4d([1, -2], [1, 1, 1, 2]), tf.zeros([2, 2]));
  const image = noise([1, 2, 3, 1]);
  const flat = tf.reshape(image, [2, 3]);
  closeTo(t, activationMaps(model, image, 'conv'), tf.stack([flat, tf.mul(flat, -2)]) as tf.Tensor3D);
  t.throws(() => activationMaps(model, image, 'fc'), {message: /fc must give maps of one image.*\[1,2\]/});
});

test.serial('the regions that excite a unit most, by their receptive fields', async t => {
  // A window of 2 × 2 that answers to its lower right pixel, and one to the upper left one, negated.
  const filters = tf.tensor4d([0, -1, 0, 0, 0, 0, 1, 0], [2, 2, 1, 2]);
  const model = new OneConvolution(filters, tf.zeros([2, 2]));
  const images = [
    [0, 0, 0, 0, 5, 0, 0, 0, -3],
    [0, 0, 0, 0, 0, 0, 0, 0, 9],
    [0, 0, 0, 0, -7, 1, 0, 0, 0],
  ].map(values => tf.tensor4d(values, [1, 3, 3, 1]));
  const [first, second] = await topRegions(model, images, {layer: 'conv', count: 2});
  t.deepEqual(first, [
    {image: 1, value: 9, at: [1, 1], box: [1, 1, 3, 3]},
    {image: 0, value: 5, at: [0, 0], box: [0, 0, 2, 2]},
  ]);
  t.deepEqual(second[0], {image: 2, value: 7, at: [1, 1], box: [1, 1, 3, 3]});
  t.deepEqual(await topRegions(model, images, {layer: 'conv', channels: [1], count: 1}), [
    second.slice(0, 1),
  ]);
  await t.throwsAsync(topRegions(model, images, {layer: 'conv', channels: [2]}), {
    message: /maps 0 to 1, got 2/,
  });
  await t.throwsAsync(topRegions(model, images, {layer: 'fc'}), {message: /no layer "fc" that gives maps/});
});

test.serial('the first layer is the first convolution, or the templates', t => {
  const net = new OneConvolution(noise([3, 3, 3, 4]), tf.zeros([2, 4]));
  const filters = firstLayerFilters(net);
  t.deepEqual(filters?.shape, [4, 3, 3, 3]);
  closeTo(t, filters as tf.Tensor, tf.transpose(net.conv.weight, [3, 0, 1, 2]));
  t.deepEqual(firstLayerFilters(models.linear.build({numClasses: 5}))?.shape, [5, 32, 32, 3]);
  t.is(firstLayerFilters(new OneConvolution(noise([1, 1, 7, 2]), tf.zeros([2, 2]))), undefined);
});

test.serial(
  'fixed kernels: what is flat stays or vanishes, a step shows, borders are as the padding says',
  t => {
    const flat = tf.fill([1, 4, 5, 2], 0.5) as tf.Tensor4D;
    for (const [name, kernel] of Object.entries(kernels)) {
      const sum = kernel.flat().reduce((a: number, b) => a + b, 0);
      closeTo(t, applyKernel(flat, kernel), tf.mul(flat, sum), {message: name});
    }
    const step = tf.tensor4d([0, 0, 1, 1], [1, 1, 4, 1]);
    const sobel = (paddingMode: 'zeros' | 'replicate' | 'circular') => [
      ...applyKernel(step, [[-1, 0, 1]], {paddingMode}).dataSync(),
    ];
    t.deepEqual(sobel('zeros'), [0, 1, 1, -1]);
    t.deepEqual(sobel('replicate'), [0, 1, 1, 0]);
    t.deepEqual(sobel('circular'), [-1, 1, 1, -1]);
    t.deepEqual([...applyKernel(step, [[-1, 0, 1]], {paddingMode: 'reflect'}).dataSync()], [0, 1, 1, 0]);
    t.throws(() => applyKernel(step, [[1, 1]]), {message: /odd number of rows and columns.*1 rows of 2/});
  },
);
