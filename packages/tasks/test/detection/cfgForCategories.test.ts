import {parseCfg} from '@foveal/models';
import test from 'ava';
import {cfgForCategories} from '../../src/detection/cfgForCategories.js';
import {smallYoloCfg} from '../../src/detection/smallYoloCfg.js';

const region = `[net]
width=32
height=32

[convolutional]
filters=125   # 5 · (5 + 20)
size=1
activation=linear

[region]
anchors=1,1, 2,2, 3,3, 4,4, 5,5
classes=20
coords=4
num=5
`;

test('heads and the layers before them change with the categories', t => {
  const {layers} = parseCfg(cfgForCategories(smallYoloCfg, 7));
  const heads = layers.flatMap((layer, i) =>
    layer.type === 'yolo' ? [[layer, layers[i - 1]] as const] : [],
  );
  t.is(heads.length, 2);
  for (const [head, before] of heads) {
    t.is(head.classes, 7);
    t.like(before, {type: 'convolutional', filters: 3 * (5 + 7)});
  }
});

test('a region layer counts all its boxes, and comments stay', t => {
  const text = cfgForCategories(region, 3);
  t.regex(text, /^filters=40 {3}# 5 · \(5 \+ 20\)$/m);
  t.regex(text, /^classes=3$/m);
});

test('nothing changes for the same number', t => {
  t.is(cfgForCategories(region, 20), region);
  t.is(cfgForCategories(smallYoloCfg, 1), smallYoloCfg);
});
