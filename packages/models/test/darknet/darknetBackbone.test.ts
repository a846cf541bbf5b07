import {selectEngine} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {DarknetBackbone} from '../../src/darknet/darknetBackbone.js';
import {parseCfg} from '../../src/darknet/parseCfg.js';
import {yoloCfg} from '../../src/darknet/yoloCfgs.js';
import {features} from '../../src/features.js';

test.before(() => selectEngine());

test('a detector gives its feature maps, one a stride', t => {
  const backbone = new DarknetBackbone(yoloCfg('yolo-fastest')).eval();
  t.deepEqual(
    backbone.featureMaps.map(({channels, stride}) => [stride, channels]),
    [
      [2, 24],
      [4, 32],
      [8, 96],
      [16, 136],
      [32, 96],
    ],
  );
  const image = tf.zeros<tf.Rank.R4>([1, 64, 96, 3]);
  const maps = features(backbone, image);
  maps.forEach((map, i) => {
    const {channels, stride} = backbone.featureMaps[i];
    t.deepEqual(map.shape, [1, 64 / stride, 96 / stride, channels]);
  });
  t.deepEqual(backbone.forward(image).shape, [1, 96]);
});

test('a classifier gives its logits', t => {
  const cfg =
    '[net]\nwidth=8\nheight=8\n[convolutional]\nfilters=4\nstride=2\n[avgpool]\n[connected]\noutput=7\n[softmax]\n';
  const backbone = new DarknetBackbone(parseCfg(cfg));
  t.deepEqual(backbone.forward(tf.zeros([2, 8, 8, 3])).shape, [2, 7]);
  t.deepEqual(backbone.featureMaps, [{layer: 'network.layers.0', channels: 4, stride: 2}]);
});
