import test from 'ava';
import type {DarknetCfg} from '../../src/darknet/darknetLayer.js';
import {formatCfg} from '../../src/darknet/formatCfg.js';
import {parseCfg} from '../../src/darknet/parseCfg.js';

const text = `[net]
width=32
height=16
[convolutional]
batch_normalize=1
filters=8
size=5
stride=2
pad=1
activation=mish
[convolutional]
filters=8
size=3
padding=2
dilation=2
groups=4
activation=leaky
[maxpool]
size=3
stride=1
[shortcut]
from=-2
activation=relu
[dropout]
probability=.2
[upsample]
stride=2
[route]
layers=-1
groups=2
group_id=1
[reorg]
stride=2
[convolutional]
filters=21
[yolo]
mask=0,2,3
anchors=1,2, 3,4, 5.5,6, 7,8
num=4
classes=2
scale_x_y=1.05
iou_loss=ciou
iou_normalizer=.07
label_smooth_eps=.1
[route]
layers=0
[convolutional]
filters=14
[region]
anchors=1,2, 3,4
num=2
classes=2
softmax=1
rescore=1
object_scale=5
[connected]
output=48
batch_normalize=1
activation=linear
[detection]
side=2
num=2
classes=2
sqrt=1
coord_scale=5
noobject_scale=.5
[softmax]
`;

const unplaced = ({net, layers}: DarknetCfg) => ({net, layers: layers.map(({line: _, ...layer}) => layer)});

test('a .cfg that is written says what was read', t => {
  const cfg = parseCfg(text);
  t.deepEqual(unplaced(parseCfg(formatCfg(cfg))), unplaced(cfg));
});
