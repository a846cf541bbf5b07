import test from 'ava';
import {CfgError} from '../../src/darknet/cfgError.js';
import {Darknet} from '../../src/darknet/darknet.js';
import {layerShapes} from '../../src/darknet/layerShapes.js';
import {parseCfg} from '../../src/darknet/parseCfg.js';
import {withClasses} from '../../src/darknet/withClasses.js';

const net = '[net]\nwidth=32\nheight=16\n';
const anchors = 'anchors = 10,14,  23,27,  37,58,\nnum=3\nmask = 1,2\n';

test('sections become layers with darknet’s defaults, whatever the spaces, comments and line ends', t => {
  const text =
    `\uFEFF# a comment\r\n${net.replaceAll('\n', '\r\n')}momentum=0.9 ; of training\r\n\r\n` +
    '[convolutional]\r\nfilters = 4\r\nsize=3\r\npad=1\r\n[route]\r\nlayers=-1\r\n[cost]\r\ntype=sse';
  const {layers, net: input} = parseCfg(text);
  t.deepEqual(input, {width: 32, height: 16, channels: 3});
  t.deepEqual(layers[0], {
    type: 'convolutional',
    line: 7,
    filters: 4,
    size: 3,
    stride: 1,
    padding: 1,
    dilation: 1,
    groups: 1,
    batchNormalize: false,
    activation: 'logistic',
  });
  t.deepEqual(layers.slice(1), [{type: 'route', line: 11, layers: [0], groups: 1, group: 0}]);
});

test('a yolo layer keeps its anchors in pairs', t => {
  const {layers} = parseCfg(`${net}[convolutional]\nfilters=14\n[yolo]\nclasses=2\n${anchors}scale_x_y=1.05`);
  const [, head] = layers;
  t.true(head.type === 'yolo' && head.scaleXY === 1.05 && head.boxLoss === 'mse');
  t.deepEqual(head.type === 'yolo' && head.anchors[2], [37, 58]);
  t.deepEqual(head.type === 'yolo' && head.mask, [1, 2]);
});

const wrong: [string, string, RegExp][] = [
  [
    'an unknown layer',
    '[convolution]\nfilters=1',
    /^net\.cfg:4: unknown layer \[convolution\]\. Did you mean convolutional\?/,
  ],
  [
    'an unknown key',
    '[convolutional]\nfilter=3',
    /^net\.cfg:5: unknown key filter in \[convolutional\]\. Did you mean filters\?/,
  ],
  [
    'an unknown activation',
    '[convolutional]\nactivation=leeky',
    /:5: activation must be one of .*got leeky\. Did you mean leaky\?/,
  ],
  [
    'a word for a number',
    '[convolutional]\nfilters=many',
    /:5: filters must be a number of 1 or more, got "many"/,
  ],
  ['a fraction of a filter', '[convolutional]\nfilters=1.5', /:5: filters must be a whole number, got 1\.5/],
  ['no filter', '[convolutional]\nfilters=0', /:5: filters must be a number of 1 or more, got "0"/],
  [
    'a key set twice',
    '[convolutional]\nfilters=1\nfilters=2',
    /:6: filters is set again in \[convolutional\] of line 4; first in line 5/,
  ],
  ['a line without =', '[convolutional]\nfilters', /:5: expected \[section\] or key = value, got "filters"/],
  [
    'a route to itself',
    '[route]\nlayers=0',
    /:5: layers 0 is not a layer before this one, which has number 0/,
  ],
  ['a route to nothing', '[maxpool]\n[route]\nlayers=-2', /:6: layers -2 is not a layer before this one/],
  ['an empty route', '[maxpool]\n[route]\n', /:5: \[route\]: layers is missing/],
  [
    'anchors that are not num',
    '[convolutional]\n[yolo]\nanchors=1,2\nnum=2',
    /:6: anchors must be 2 pairs .* got 2 numbers/,
  ],
  [
    'a mask without an anchor',
    '[convolutional]\n[yolo]\nmask=3\nanchors=1,2\nnum=1',
    /:6: mask 3 is not an anchor; there are 1/,
  ],
  [
    'weighted shortcuts',
    '[maxpool]\n[shortcut]\nfrom=-1\nweights_type=per_feature',
    /:7: weights_type must be one of none/,
  ],
];

for (const [what, text, message] of wrong) {
  test(`refused with file and line: ${what}`, t => {
    const error = t.throws(() => parseCfg(net + text, 'net.cfg'), {instanceOf: CfgError, message});
    t.is(error?.file, 'net.cfg');
  });
}

test('a file must begin with [net]', t => {
  t.throws(() => parseCfg('', 'a.cfg'), {message: /a\.cfg:1: expected \[net\] .* the file has no section/});
  t.throws(() => parseCfg('\n[maxpool]', 'a.cfg'), {
    message: /a\.cfg:2: expected \[net\] .* got \[maxpool\]/,
  });
  t.throws(() => parseCfg('width=3', 'a.cfg'), {message: /a\.cfg:1: width stands before the first section/});
});

const unfit: [string, string, RegExp][] = [
  [
    'a head of other channels',
    '[convolutional]\nfilters=13\n[yolo]\nclasses=2\n' + anchors,
    /:6: \[yolo\], layer 1, .*2 · \(5 \+ 2\) = 14 values, got 13/,
  ],
  [
    'a sum of other shapes',
    '[convolutional]\nfilters=4\n[maxpool]\nstride=2\n[shortcut]\nfrom=0',
    /:8: \[shortcut\], layer 2, .* 16 × 8 × 4 and, from layer 0, 32 × 16 × 4 cannot be added/,
  ],
  [
    'a route of other sizes',
    '[maxpool]\nstride=2\n[route]\nlayers=-1\n[upsample]\nstride=2\n[route]\nlayers=0,2',
    /layers 0 and 2 give 16 × 8 × 3 and 32 × 16 × 3/,
  ],
  [
    'groups that do not divide',
    '[convolutional]\nfilters=4\ngroups=2',
    /groups 2 must divide its 3 channels and 4 filters/,
  ],
  ['a window larger than the image', '[convolutional]\nsize=40', /of 32 × 16 × 3 nothing is left/],
  [
    'a reorg that does not divide',
    '[reorg]\nstride=2',
    /stride 2 must divide 32 × 16, and its square 3 channels/,
  ],
];

for (const [what, text, message] of unfit) {
  test(`refused where layers meet: ${what}`, t => {
    t.throws(() => new Darknet(parseCfg(net + text, 'net.cfg')), {instanceOf: CfgError, message});
  });
}

test('other classes change the heads and what feeds them, and nothing else', t => {
  const cfg = parseCfg(
    `${net}[convolutional]\nfilters=8\n[convolutional]\nfilters=14\n[yolo]\nclasses=2\n${anchors}`,
  );
  const changed = withClasses(cfg, 5, {
    anchors: [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
  });
  t.deepEqual(
    layerShapes(changed).map(({channels}) => channels),
    [8, 20, 20],
  );
  const head = changed.layers[2];
  t.deepEqual(head.type === 'yolo' && head.anchors, [
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  t.deepEqual(
    layerShapes(cfg).map(({channels}) => channels),
    [8, 14, 14],
  );
  t.throws(() => withClasses(cfg, 5, {anchors: [[1, 1]]}), {
    message: /has 3 anchors, so expected as many; got 1/,
  });
});
