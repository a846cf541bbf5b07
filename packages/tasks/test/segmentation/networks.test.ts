import {readFileSync} from 'node:fs';
import {fallbacks, Random, selectEngine, variableGrads} from '@foveal/core';
import {multiplyAdds, resNet18, shapesOnly, squeezeNet1_0, squeezeNet1_1, vgg16} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {closeTo} from '../../../core/test/support.js';
import {blank} from '../../../models/test/blank.js';
import {fill, noise} from '../../../models/test/filled.js';
import {DeconvNet} from '../../src/segmentation/deconvNet.js';
import {EncoderFcn} from '../../src/segmentation/encoderFcn.js';
import {EncoderUNet} from '../../src/segmentation/encoderUNet.js';
import {EspNet, espNet} from '../../src/segmentation/espNet.js';
import {Fcn, fcn8s, fcn16s, fcn32s} from '../../src/segmentation/fcn.js';
import {fcnResNet50, fcnResNet101} from '../../src/segmentation/fcnResNet.js';
import {PatchClassifier} from '../../src/segmentation/patchClassifier.js';
import {type SegmentationModelRecord, segmentationModels} from '../../src/segmentation/segmentationModels.js';
import type {SegmentationNetwork} from '../../src/segmentation/segmentationNetwork.js';
import {UNet, uNet, uNetMargin, uNetPaper} from '../../src/segmentation/unet.js';

test.before(() => selectEngine());
// On torch, every kernel they reached was native.
test.after(t => t.deepEqual(fallbacks(), {}));

interface Golden {
  options: Record<string, number | boolean>;
  image: [number, number];
  step: number;
  shapes: Record<string, number[]>;
  parameters: number;
  out: {shape: number[]; values: number[]};
  aux?: {shape: number[]; values: number[]};
}
const networks: Record<string, (options: object) => SegmentationNetwork> = {
  fcn_resnet50: fcnResNet50,
  fcn_resnet101: fcnResNet101,
  espnet: espNet,
  espnet_cityscapes: espNet,
  unet: uNet,
  unet_paper: uNetPaper,
  fcn8s,
};

const imageOf = (height: number, width: number) =>
  tf.tensor4d(Float32Array.from(noise('input', height * width * 3)), [1, height, width, 3]);

for (const [name, build] of Object.entries(networks)) {
  test.serial(`PyTorch gives the same logits and has as many parameters: ${name}`, t => {
    t.timeout(120_000);
    const file = new URL(`../../../../fixtures/golden/models/segmentation/${name}.json`, import.meta.url);
    const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;
    const network = build({...golden.options, random: new Random(1)}).eval();
    t.is(network.numParameters(), golden.parameters);
    fill(network, golden.shapes);
    tf.tidy(() => {
      const logits = network.forward(imageOf(...golden.image));
      t.deepEqual(logits.shape.slice(1, 3), golden.image);
      const [, height, width, classes] = golden.out.shape;
      const rows = tf.gather(logits, tf.range(0, height * golden.step, golden.step, 'int32'), 1);
      const kept = tf.gather(rows, tf.range(0, width * golden.step, golden.step, 'int32'), 2);
      closeTo(t, kept, tf.tensor(golden.out.values, [1, height, width, classes]), {tolerance: 1e-4});
    });
    network.dispose();
  });
}

test('the sizes of the papers: 572 pixels in and 388 out, 31 million parameters', t => {
  t.is(uNetMargin(4), 92);
  const network = new UNet({inputs: 1, channels: 2, padding: 'valid'});
  t.deepEqual(network.forwardTile(tf.zeros([1, 572, 572, 1])).shape, [1, 388, 388, 2]);
  t.throws(() => network.forwardTile(tf.zeros([1, 570, 572, 1])), {message: /cannot be halved/});
  t.throws(() => network.forward(tf.zeros([1, 64, 128, 1])), {message: /64 × 128 pixels is too small/});
  network.dispose();
});

test('every network of the table has the parameters that it names, and scores each pixel', t => {
  t.timeout(60_000);
  for (const [name, record] of Object.entries<SegmentationModelRecord>(segmentationModels)) {
    const [height, width] = record.preprocess.inputSize;
    const {parameters, shape} = shapesOnly(() => {
      const network = record.build({random: blank()}).eval();
      const scores = network.forward(tf.zeros([1, height, width, 3]));
      return {parameters: network.numParameters(), shape: [...scores.shape]};
    });
    t.is(parameters, record.parameters, name);
    t.deepEqual(shape, [1, height, width, record.numClasses], name);
  }
});

test('what a U-Net computes is what its layers are said to', t => {
  // One level of 2 channels and one of 4, on 8 × 8 pixels: two convolutions each, the transposed one, two, and the last.
  const full = 64 * 9 * (3 * 2 + 2 * 2);
  const half = 16 * 9 * (2 * 4 + 4 * 4);
  const up = 16 * 4 * (4 * 2) + 64 * 9 * (4 * 2 + 2 * 2);
  const network = new UNet({channels: 2, depth: 1, numClasses: 5});
  t.is(multiplyAdds(network, [8, 8, 3]), full + half + up + 64 * 2 * 5);
  network.dispose();
});

test('a backbone tells of the smallest image that it takes', t => {
  t.timeout(120_000);
  for (const build of [squeezeNet1_0, squeezeNet1_1]) {
    const backbone = build().eval();
    const {smallestSide} = backbone;
    t.is(backbone.forward(imageOf(smallestSide, smallestSide)).shape[1], 1000);
    t.throws(() => backbone.forward(imageOf(16, 16)), {message: /does not fit/});
    backbone.dispose();
  }
});

const small: Record<string, () => SegmentationNetwork> = {
  'U-Net': () => new UNet({numClasses: 3, channels: 4, depth: 2, batchNorm: true}),
  'the paper’s U-Net': () => new UNet({numClasses: 3, channels: 4, depth: 1, padding: 'valid'}),
  'U-Net on ResNet-18': () => new EncoderUNet(resNet18(), {numClasses: 3, channels: [16, 8, 8, 4]}),
  'FCN on SqueezeNet': () => new EncoderFcn(squeezeNet1_1(), {numClasses: 3}),
  'U-Net on SqueezeNet': () => new EncoderUNet(squeezeNet1_1(), {numClasses: 3, channels: [16, 8, 8, 4, 4]}),
  ESPNet: () => new EspNet({numClasses: 3, p: 1, q: 1}),
  DeconvNet: () => new DeconvNet({numClasses: 3, channels: 1, hidden: 4}),
  'FCN-16s': () => fcn16s({numClasses: 3, hidden: 4}),
};

for (const [name, build] of Object.entries(small)) {
  test.serial(`${name} takes images of odd sizes, and every variable learns`, t => {
    t.timeout(120_000);
    const network = build();
    // Two, or a map of one pixel would have no variance.
    const images = tf.concat([imageOf(37, 41), tf.neg(imageOf(37, 41))]) as tf.Tensor4D;
    const {value, grads} = variableGrads(() => {
      const logits = network.forward(images);
      t.deepEqual(logits.shape, [2, 37, 41, 3]);
      return tf.sum(tf.square(tf.sub(logits, 1))) as tf.Scalar;
    }, network.parameters());
    t.true(Number.isFinite(value.dataSync()[0]));
    for (const [path, variable] of network.namedParameters()) {
      if (!variable.trainable) continue;
      const gradient = grads[variable.name];
      t.truthy(gradient, `no gradient of ${path}`);
      t.true(Number.isFinite(tf.tidy(() => tf.sum(tf.abs(gradient)).dataSync()[0])), path);
    }
    network.dispose();
  });
}

test('images smaller than what a network halves them by are filled up, or refused where they are mirrored', t => {
  t.timeout(120_000);
  for (const [name, build] of Object.entries(small)) {
    const network = build().eval();
    const image = imageOf(5, 7);
    if (name === 'the paper’s U-Net') {
      t.throws(() => network.forward(image), {
        message: /5 × 7 pixels is too small.*Take a larger one, padding: 'same'/,
      });
    } else t.deepEqual(network.forward(image).shape, [1, 5, 7, 3], name);
    network.dispose();
  }
});

test('an FCN starts with scores of zero on VGG-16, and its upsampling interpolates', t => {
  const vgg = vgg16({hidden: 4, numClasses: 2});
  const fcn = fcn32s({hidden: 4, numClasses: 2}).startFrom(vgg).eval();
  const image = imageOf(32, 32);
  closeTo(t, fcn.forward(image), tf.zeros([1, 32, 32, 2]));
  // With the scores of one class set, a constant score stays that constant.
  const bias = fcn.stateDict()['score_fr.bias'] as tf.Variable;
  bias.assign(tf.tensor1d([2, -1]));
  // At the border, where filters reach beyond the last score, it fades; that is what the authors' crop shows, too.
  const inside = tf.slice(fcn.forward(imageOf(64, 64)), [0, 13, 13, 0], [1, 51, 51, 2]);
  closeTo(t, inside, tf.add(tf.zeros([1, 51, 51, 2]), tf.tensor1d([2, -1])), {tolerance: 1e-4});
  // fc6 sees the whole 7 × 7 map: the same as the classifier's first layer.
  const state = vgg.stateDict();
  const fc6 = fcn.stateDict()['fc6.weight'] as tf.Tensor4D;
  const matrix = tf.transpose(tf.reshape(fc6, [7 * 7 * 512, 4]));
  closeTo(t, matrix, state['classifier.0.weight']);
  t.throws(() => new Fcn(8).startFrom(resNet18() as never), {message: /13 convolutions of a VGG-16/});
});

test('a sliding classifier gives each pixel the class of the patch around it', t => {
  // A classifier that looks at the pixel in the middle alone.
  const middle = {forward: (x: tf.Tensor4D) => tf.reshape(tf.slice(x, [0, 2, 2, 0], [-1, 1, 1, 3]), [-1, 3])};
  const patches = new PatchClassifier(middle as never, {patchSize: 5, step: 1, batchSize: 7});
  const images = tf.concat([imageOf(6, 8), tf.neg(imageOf(6, 8))]) as tf.Tensor4D;
  closeTo(t, patches.forward(images), images);
  const coarse = new PatchClassifier(middle as never, {patchSize: 5, step: 3});
  const maps = coarse.forward(images);
  closeTo(t, tf.slice(maps, [0, 3, 6, 0], [2, 1, 1, 3]), tf.slice(images, [0, 4, 7, 0], [2, 1, 1, 3]));
  const labels = tf.fill([2, 6, 8], -1, 'int32') as tf.Tensor3D;
  closeTo(t, patches.losses(images, labels)['loss'], tf.scalar(0));
  t.throws(() => new PatchClassifier(middle as never, {patchSize: 4}), {message: /odd, got 4/});
});
