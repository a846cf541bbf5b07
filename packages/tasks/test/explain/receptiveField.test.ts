import {selectEngine} from '@foveal/core';
import {models} from '@foveal/models';
import test from 'ava';
import {convolutionOutput} from '../../src/explain/convolutionOutput.js';
import type {LayerSummary, ModelSummary} from '../../src/explain/modelSummary.js';
import {networkSummary, summaryNames} from '../../src/explain/networkSummary.js';
import {fieldBox, joined, receptiveField} from '../../src/explain/receptiveField.js';
import {registrySummary} from '../../src/explain/registrySummary.js';

test.before(async () => {
  await selectEngine();
});

const three = {kernelSize: 3, padding: 1};
const pool = {kernelSize: 2, stride: 2};

test('windows one after another: three of 3 see as far as one of 7, VGG-16 sees 212 pixels in pool5', t => {
  t.deepEqual(receptiveField([three, three, three]).size, [7, 7]);
  const stage = (convolutions: number) => [...Array(convolutions).fill(three), pool];
  const vgg16 = [2, 2, 3, 3, 3].flatMap(stage);
  t.deepEqual(receptiveField(vgg16), {size: [212, 212], stride: [32, 32], start: [-90, -90]});
});

test('size, stride, padding and dilation count along each axis', t => {
  const field = receptiveField([
    {kernelSize: [1, 5], stride: [2, 1], padding: [0, 2]},
    {kernelSize: 3, dilation: 2, padding: 2},
  ]);
  t.deepEqual(field, {size: [9, 9], stride: [2, 1], start: [-4, -4]});
  t.deepEqual(joined([field, {size: [1, 13], stride: [2, 1], start: [0, -6]}]), {
    size: [9, 13],
    stride: [2, 1],
    start: [-4, -6],
  });
  t.deepEqual(fieldBox(field, [1, 3], [6, 20]), [0, 0, 8, 6]);
  t.deepEqual(fieldBox(field, [2, 10], [20, 20]), [6, 0, 15, 9]);
});

test("the lectures' examples: sizes, parameters, and a stride that does not fit", t => {
  t.deepEqual(convolutionOutput({input: [32, 32, 3], filters: 10, kernelSize: 5, padding: 2}), {
    output: [32, 32, 10],
    parameters: 760,
  });
  const alexNet = convolutionOutput({input: [227, 227, 3], filters: 96, kernelSize: 11, stride: 4});
  t.deepEqual(alexNet, {output: [55, 55, 96], parameters: 34_944});
  t.deepEqual(convolutionOutput({input: [7, 7, 1], filters: 1, kernelSize: 3, stride: 2}).output, [3, 3, 1]);
  const error = t.throws(() => convolutionOutput({input: [7, 7, 1], filters: 1, kernelSize: 3, stride: 3}), {
    instanceOf: RangeError,
    message: /\(7 − 3 \+ 2 · 0\) \/ 3 \+ 1 = 2\.33 is no whole number; after the 2nd window 1 of 7 pixels/,
  });
  t.regex(error.message, /fits with padding 1, a window of 4, a stride of 4, an image of 6\./);
  t.throws(() => convolutionOutput({input: [3, 3, 1], filters: 1, kernelSize: 5}), {
    message: /larger than 3/,
  });
});

const layer = ({layers}: ModelSummary, wanted: string): LayerSummary => {
  const found = layers.find(({name}) => name === wanted);
  if (!found) throw new Error(`no ${wanted} among ${layers.map(({name}) => name).join(' ')}`);
  return found;
};

test.serial('papers: AlexNet begins with 55 × 55 × 96, VGG-16 ends with 212 and 404 pixels', t => {
  const alexNet = layer(registrySummary('alexnet_paper'), 'features.0');
  t.deepEqual([alexNet.output, alexNet.parameters], [[55, 55, 96], 34_944]);
  t.deepEqual(alexNet.field, {size: [11, 11], stride: [4, 4], start: [0, 0]});
  const vgg = registrySummary('vgg16');
  t.deepEqual(layer(vgg, 'features.30').field, {size: [212, 212], stride: [32, 32], start: [-90, -90]});
  t.deepEqual(layer(vgg, 'features.30').output, [7, 7, 512]);
  t.deepEqual(layer(vgg, 'classifier.0').field.size, [404, 404]);
  t.deepEqual(layer(vgg, 'classifier.0').output, [4096]);
});

test.serial(
  'branches join: ResNet-50 sees 427 pixels before its mean, option A shortcuts keep their place',
  t => {
    const resNet = registrySummary('resnet50');
    t.deepEqual(layer(resNet, 'conv1').field, {size: [7, 7], stride: [2, 2], start: [-3, -3]});
    t.deepEqual(layer(resNet, 'layer4.2').field.size, [427, 427]);
    t.deepEqual(layer(resNet, 'layer4.2').field.stride, [32, 32]);
    t.deepEqual(layer(resNet, 'layer4.2').ends, ['layer4']);
    const cifar = registrySummary('resnet20');
    // 1 + 2 · (conv1 and 6 convolutions) at stride 1, 6 at stride 2, of which the first stands before it, 6 at stride 4.
    const expected = 1 + 2 * 7 + (2 + 4 * 5) + (4 + 8 * 5);
    t.deepEqual(layer(cifar, 'layer3.2').field.size, [expected, expected]);
    t.deepEqual(layer(cifar, 'layer3.2').field.stride, [4, 4]);
  },
);

for (const name of [
  'lenet5',
  'two_layer',
  'squeezenet1_1',
  'googlenet',
  'densenet121',
  'resnet56',
] as const) {
  test.serial(`${name}: the layers add up to what the registry says`, t => {
    const summary = registrySummary(name);
    t.is(summary.parameters, models[name].parameters);
    t.is(summary.multiplyAdds, models[name].multiplyAdds);
    t.is(
      summary.layers.reduce((sum, {parameters}) => sum + parameters, 0),
      models[name].parameters,
    );
    for (const {name: path, field} of summary.layers)
      t.true(
        field.size.every(size => Number.isFinite(size) && size >= 1),
        path,
      );
  });
}

test.serial('a stride that leaves pixels out is noted, where windows do not fit', t => {
  const summary = registrySummary('squeezenet1_1', [228, 227]);
  t.deepEqual(layer(summary, 'features.0').left, [1, 0]);
});

test.serial('what grows again sees no less: U-Net sees 200 pixels from each of its own', async t => {
  const {layers, inputShape, parameters} = await networkSummary('unet', [64, 64]);
  t.deepEqual(inputShape, [64, 64, 3]);
  t.is(parameters, 31_031_810);
  const [upconv, final] = ['upconv.0', 'final'].map(name => layer({layers} as ModelSummary, name).field);
  // 140 behind five levels; windows of 2 that do not overlap see one unit each.
  t.deepEqual(
    [upconv.size, upconv.stride],
    [
      [140, 140],
      [8, 8],
    ],
  );
  t.deepEqual(
    [final.size, final.stride],
    [
      [200, 200],
      [1, 1],
    ],
  );
});

for (const name of summaryNames().filter(name => !(name in models))) {
  // Two hundred patches are as many rows, and the largest take a second or two.
  if (['patches', 'deconvnet', 'fcn16s', 'fcn32s', 'fcn_resnet101'].includes(name)) continue;
  test.serial(`${name}: each layer has a size and a field, and all of its parameters`, async t => {
    const {layers, parameters, perBox = []} = await networkSummary(name);
    t.true(layers.length > 4);
    const all = [...layers, ...perBox.flatMap(part => part.layers)];
    for (const {name: path, field, output} of all) {
      const values = [...field.size, ...field.stride, ...output];
      t.true(
        values.every(value => Number.isFinite(value) && value > 0),
        path,
      );
    }
    const listed = all.reduce((sum, layer) => sum + layer.parameters, 0);
    // The auxiliary head runs in training alone.
    t.is(listed, name === 'fcn_resnet50' ? parameters - 2_365_205 : parameters);
  });
}

test.serial('darknet networks list their norms, and R-CNNs what runs for each box', async t => {
  const darknet = await networkSummary('yolov3-tiny');
  t.is(darknet.layers.filter(({kind}) => kind === 'BatchNorm2d').length, 11);
  const {stride} = layer(darknet, 'network.layers.19').field;
  t.deepEqual(stride, [16, 16]);
  const {perBox = []} = await networkSummary('fasterrcnn');
  t.deepEqual(
    perBox.map(part => [part.inputShape, part.multiplyAdds]),
    [[[7, 7, 256], 7 * 7 * 256 * 1024 + 1024 * 1024 + 1024 * (81 + 4 * 81)]],
  );
});

test.serial('an unknown name is told with those there are', async t => {
  await t.throwsAsync(networkSummary('unett'), {message: /no network "unett"\. There are: .*unet/});
});
