// Redmon et al., "You Only Look Once", CVPR 2016, arXiv:1506.02640, figure 3; Redmon & Farhadi, "YOLO9000", CVPR 2017,
// arXiv:1612.08242, table 6 and section 2; "YOLOv3", 2018, arXiv:1804.02767, table 1 and section 2.3.
import type {DarknetCfg} from './darknetLayer.js';
import {parseCfg} from './parseCfg.js';

/** Lines of a section. */
const section = (type: string, values: Readonly<Record<string, string | number>> = {}) =>
  `[${type}]\n${Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`;

/** A convolution with batch norm and leaky ReLU; `plain` has a bias and no activation. */
const conv = (filters: number, size: number, stride = 1) =>
  section('convolutional', {batch_normalize: 1, filters, size, stride, pad: 1, activation: 'leaky'});
const plain = (filters: number) =>
  section('convolutional', {filters, size: 1, stride: 1, pad: 1, activation: 'linear'});
const pool = (stride = 2) => section('maxpool', {size: 2, stride});
const route = (...layers: number[]) => section('route', {layers: layers.join(',')});

/** 3 × 3 and 1 × 1 in turns, each pair narrowing to half in between. */
const turns = (filters: number, count: number) =>
  Array.from({length: count}, (_, i) => (i % 2 ? conv(filters / 2, 1) : conv(filters, 3))).join('');
const net = (side: number) => section('net', {width: side, height: side, channels: 3});

function yolov1(classes: number): string {
  const parts = [
    conv(64, 7, 2) + pool() + conv(192, 3) + pool(),
    conv(128, 1) + conv(256, 3) + conv(256, 1) + conv(512, 3) + pool(),
    (conv(256, 1) + conv(512, 3)).repeat(4) + conv(512, 1) + conv(1024, 3) + pool(),
    (conv(512, 1) + conv(1024, 3)).repeat(2) +
      conv(1024, 3) +
      conv(1024, 3, 2) +
      conv(1024, 3) +
      conv(1024, 3),
    section('connected', {output: 4096, activation: 'leaky'}) + section('dropout', {probability: 0.5}),
    section('connected', {output: 49 * (10 + classes), activation: 'linear'}),
  ];
  const weights = {object_scale: 1, noobject_scale: 0.5, class_scale: 1, coord_scale: 5};
  const head = section('detection', {classes, side: 7, num: 2, sqrt: 1, rescore: 1, ...weights});
  return net(448) + parts.join('') + head;
}

function yolov2(classes: number): string {
  const darknet19 = [
    conv(32, 3) + pool() + conv(64, 3) + pool(),
    turns(128, 3) + pool() + turns(256, 3) + pool() + turns(512, 5) + pool() + turns(1024, 5),
  ];
  // The passthrough: layer 16 is the last one of stride 16.
  const neck =
    conv(1024, 3) + conv(1024, 3) + route(-9) + conv(64, 1) + section('reorg', {stride: 2}) + route(-1, -4);
  const anchors = '0.57273,0.677385, 1.87446,2.06253, 3.33843,5.47434, 7.88282,3.52778, 9.77052,9.16828';
  const scales = {object_scale: 5, noobject_scale: 1, class_scale: 1, coord_scale: 1};
  const rules = {classes, num: 5, softmax: 1, bias_match: 1, rescore: 1, thresh: 0.6};
  return (
    net(416) +
    darknet19.join('') +
    neck +
    conv(1024, 3) +
    plain(5 * (5 + classes)) +
    section('region', {anchors, ...rules, ...scales})
  );
}

const anchors3 = '10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326';

function yolov3(classes: number): string {
  const residual = (filters: number) =>
    conv(filters / 2, 1) + conv(filters, 3) + section('shortcut', {from: -3, activation: 'linear'});
  const stage = (filters: number, blocks: number) => conv(filters, 3, 2) + residual(filters).repeat(blocks);
  const darknet53 = conv(32, 3) + [1, 2, 8, 8, 4].map((blocks, s) => stage(64 << s, blocks)).join('');
  const head = (filters: number, mask: string) =>
    (conv(filters, 1) + conv(2 * filters, 3)).repeat(3) +
    plain(3 * (5 + classes)) +
    yolo(classes, anchors3, mask, 0.7);
  // Layers 61 and 36 are the last ones of strides 16 and 8.
  const up = (filters: number, from: number) =>
    route(-4) + conv(filters, 1) + section('upsample', {stride: 2}) + route(-1, from);
  return (
    net(416) +
    darknet53 +
    head(512, '6,7,8') +
    up(256, 61) +
    head(256, '3,4,5') +
    up(128, 36) +
    head(128, '0,1,2')
  );
}

function yolov3Tiny(classes: number): string {
  const anchors = '10,14, 23,27, 37,58, 81,82, 135,169, 344,319';
  const stem = [16, 32, 64, 128, 256].map(filters => conv(filters, 3) + pool()).join('');
  const head = (mask: string) => plain(3 * (5 + classes)) + yolo(classes, anchors, mask, 0.7);
  return (
    net(416) +
    stem +
    (conv(512, 3) + pool(1) + conv(1024, 3) + conv(256, 1) + conv(512, 3) + head('3,4,5')) +
    (route(-4) +
      conv(128, 1) +
      section('upsample', {stride: 2}) +
      route(-1, 8) +
      conv(256, 3) +
      head('0,1,2'))
  );
}

const yolo = (
  classes: number,
  anchors: string,
  mask: string,
  ignore: number,
  more: Record<string, string | number> = {},
) =>
  section('yolo', {
    ...{mask, anchors, classes, num: anchors.split(',').length / 2, ignore_thresh: ignore},
    ...more,
  });

/** Dog-qiuqiu's Yolo-Fastest 1.1: inverted residuals (Sandler et al., arXiv:1801.04381) before two small heads. */
function yoloFastest(classes: number): string {
  const depthwise = (filters: number, size: number, stride = 1) =>
    section('convolutional', {
      ...{batch_normalize: 1, groups: filters, filters},
      ...{size, stride, pad: 1, activation: 'leaky'},
    });
  const linear = (filters: number) =>
    section('convolutional', {batch_normalize: 1, filters, size: 1, stride: 1, activation: 'linear'});
  const block = (wide: number, narrow: number, stride = 1) =>
    conv(wide, 1) + depthwise(wide, 3, stride) + linear(narrow);
  const residuals = (wide: number, narrow: number, count: number) =>
    (
      block(wide, narrow) +
      section('dropout', {probability: 0.15}) +
      section('shortcut', {from: -5, activation: 'linear'})
    ).repeat(count);
  const wide = (size: number) => section('maxpool', {size, stride: 1});
  const anchors = '12,18, 37,49, 52,132, 115,73, 119,199, 242,238';
  const head = (mask: string) =>
    plain(3 * (5 + classes)) +
    yolo(classes, anchors, mask, 0.5, {iou_thresh: 0.213, iou_loss: 'ciou', iou_normalizer: 0.07});
  const mix = (filters: number) => depthwise(filters, 5) + linear(filters);
  return [
    net(320) + conv(8, 3, 2) + block(8, 4) + residuals(8, 4, 1),
    block(24, 8, 2) + residuals(32, 8, 2),
    block(32, 8, 2) + residuals(48, 8, 2) + block(48, 16) + residuals(96, 16, 4),
    block(96, 24, 2) + residuals(136, 24, 4),
    block(136, 48, 2) + residuals(224, 48, 5),
    wide(3) + route(-2) + wide(5) + route(-4) + wide(9) + route(-1, -3, -5, -6),
    conv(96, 1) + mix(96).repeat(2) + head('3,4,5'),
    // Layer 80 is the last one of stride 16.
    route(-7) + section('upsample', {stride: 2}) + route(-1, 80) + mix(120).repeat(2) + head('0,1,2'),
  ].join('');
}

const builders = {
  yolov1,
  yolov2,
  yolov3,
  'yolov3-tiny': yolov3Tiny,
  'yolo-fastest': yoloFastest,
};

/** Networks whose `.cfg` is built in. */
export type YoloName = keyof typeof builders;

/** Their names. */
export const yoloNames = Object.keys(builders) as YoloName[];

/**
 * The `.cfg` of a published network, layer by layer as darknet numbers them, so that its `.weights` fit. Version 1 is
 * the paper's, with two fully connected layers.
 *
 * @param classes - @defaultValue 20 (Pascal VOC's) for version 1, else 80 (COCO's)
 */
export function yoloCfg(name: YoloName, classes: number = name === 'yolov1' ? 20 : 80): DarknetCfg {
  return parseCfg(builders[name](classes), name);
}
