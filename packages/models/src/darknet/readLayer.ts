import type {CfgReader} from './cfgReader.js';
import {activations, boxLosses, type DarknetLayer} from './darknetLayer.js';

/** What reads each kind of section; `index` is the layer's number, from 0. */
export const layerReaders: Readonly<Record<string, (section: CfgReader, index: number) => DarknetLayer>> = {
  convolutional: readConvolutional,
  conv: readConvolutional,
  connected: readConnected,
  conn: readConnected,
  maxpool: readMaxPool,
  max: readMaxPool,
  avgpool: ({line}) => ({type: 'avgpool', line}),
  avg: ({line}) => ({type: 'avgpool', line}),
  dropout: section => {
    section.ignore('dropblock', 'dropblock_size_rel', 'dropblock_size_abs');
    return {
      type: 'dropout',
      line: section.line,
      probability: section.number('probability', {otherwise: 0.5}),
    };
  },
  shortcut: readShortcut,
  route: readRoute,
  upsample: section => ({
    type: 'upsample',
    line: section.line,
    stride: section.integer('stride', {otherwise: 2, least: 1}),
    scale: section.number('scale', {otherwise: 1}),
  }),
  reorg: readReorg,
  softmax: readSoftmax,
  soft: readSoftmax,
  yolo: readYolo,
  region: readRegion,
  detection: readDetection,
};

const activation = (section: CfgReader, otherwise: (typeof activations)[number]) =>
  section.choice('activation', activations, otherwise);

function readConvolutional(section: CfgReader): DarknetLayer {
  const size = section.integer('size', {otherwise: 1, least: 1});
  const padding = section.integer('padding', {otherwise: 0});
  section.ignore(
    'dontload',
    'dontloadscales',
    'flipped',
    'learning_rate',
    'stopbackward',
    'xnor',
    'bin_output',
  );
  return {
    type: 'convolutional',
    line: section.line,
    filters: section.integer('filters', {otherwise: 1, least: 1}),
    size,
    stride: section.integer('stride', {otherwise: 1, least: 1}),
    padding: section.flag('pad') ? Math.floor(size / 2) : padding,
    dilation: section.integer('dilation', {otherwise: 1, least: 1}),
    groups: section.integer('groups', {otherwise: 1, least: 1}),
    batchNormalize: section.flag('batch_normalize'),
    activation: activation(section, 'logistic'),
  };
}

function readConnected(section: CfgReader): DarknetLayer {
  section.ignore('dontload', 'dontloadscales', 'learning_rate');
  return {
    type: 'connected',
    line: section.line,
    output: section.integer('output', {otherwise: 1, least: 1}),
    batchNormalize: section.flag('batch_normalize'),
    activation: activation(section, 'logistic'),
  };
}

function readMaxPool(section: CfgReader): DarknetLayer {
  const stride = section.integer('stride', {otherwise: 1, least: 1});
  const size = section.integer('size', {otherwise: stride, least: 1});
  const padding = section.integer('padding', {otherwise: size - 1});
  return {type: 'maxpool', line: section.line, size, stride, padding};
}

function readShortcut(section: CfgReader, index: number): DarknetLayer {
  const [from, ...more] = section.numbers('from');
  if (from === undefined || more.length > 0) {
    throw section.error(
      'from must be the number of one layer; darknet’s weighted shortcuts are not built.',
      'from',
    );
  }
  section.choice('weights_type', ['none'], 'none');
  section.ignore('weights_normalization');
  return {
    type: 'shortcut',
    line: section.line,
    from: layerNumber(section, 'from', from, index),
    activation: activation(section, 'linear'),
  };
}

function readRoute(section: CfgReader, index: number): DarknetLayer {
  const layers = section.numbers('layers').map(layer => layerNumber(section, 'layers', layer, index));
  if (layers.length === 0)
    throw section.error('layers is missing. Name one or more, such as layers = -1, 8.');
  const groups = section.integer('groups', {otherwise: 1, least: 1});
  const group = section.integer('group_id', {otherwise: 0});
  if (group >= groups)
    throw section.error(`group_id must be below groups ${groups}, got ${group}.`, 'group_id');
  return {type: 'route', line: section.line, layers, groups, group};
}

/** Negative numbers count from the layer itself. */
function layerNumber(section: CfgReader, key: string, layer: number, index: number): number {
  const absolute = layer < 0 ? index + layer : layer;
  if (Number.isInteger(absolute) && absolute >= 0 && absolute < index) return absolute;
  throw section.error(
    `${key} ${layer} is not a layer before this one, which has number ${index}. ` +
      `Take 0 to ${index - 1}, or -1 to -${index}.`,
    key,
  );
}

function readReorg(section: CfgReader): DarknetLayer {
  if (section.flag('reverse') || section.flag('flatten') || section.number('extra', {otherwise: 0}) > 0) {
    throw section.error('reverse, flatten and extra of a reorg layer are not built.');
  }
  return {type: 'reorg', line: section.line, stride: section.integer('stride', {otherwise: 1, least: 1})};
}

function readSoftmax(section: CfgReader): DarknetLayer {
  if (section.integer('groups', {otherwise: 1}) !== 1 || section.has('tree')) {
    throw section.error('groups and trees of a softmax layer are not built.');
  }
  return {
    type: 'softmax',
    line: section.line,
    temperature: section.number('temperature', {otherwise: 1}),
  };
}

/** Of darknet's own augmentation and reports. */
const augmentation = [
  'jitter',
  'resize',
  'random',
  'map',
  'track',
  'focal_loss',
  'max',
  'counters_per_class',
];

function readYolo(section: CfgReader): DarknetLayer {
  const anchors = readAnchors(section);
  const mask = section.numbers('mask');
  const wrong = mask.find(number => !Number.isInteger(number) || number < 0 || number >= anchors.length);
  if (wrong !== undefined) {
    throw section.error(`mask ${wrong} is not an anchor; there are ${anchors.length}, from 0.`, 'mask');
  }
  if (section.number('truth_thresh', {otherwise: 1}) < 1) {
    throw section.error('truth_thresh below 1 is not built.', 'truth_thresh');
  }
  if (section.flag('new_coords')) throw section.error('new_coords is not built.', 'new_coords');
  section.choice('iou_thresh_kind', ['iou'], 'iou');
  section.choice('nms_kind', ['default', 'greedynms', 'diounms'], 'default');
  section.ignore(...augmentation, 'max_delta', 'objectness_smooth', 'show_details', 'embedding_layer');
  return {
    type: 'yolo',
    line: section.line,
    classes: section.integer('classes', {otherwise: 20, least: 1}),
    anchors,
    mask: mask.length > 0 ? mask : anchors.map((_, i) => i),
    ignoreThresh: section.number('ignore_thresh', {otherwise: 0.5}),
    iouThresh: section.number('iou_thresh', {otherwise: 1}),
    scaleXY: section.number('scale_x_y', {otherwise: 1}),
    boxLoss: section.choice('iou_loss', boxLosses, 'mse'),
    iouNormalizer: section.number('iou_normalizer', {otherwise: 0.75}),
    classNormalizer: section.number('cls_normalizer', {otherwise: 1}),
    objectNormalizer: section.number('obj_normalizer', {otherwise: 1}),
    labelSmoothing: section.number('label_smooth_eps', {otherwise: 0}),
    betaNms: section.number('beta_nms', {otherwise: 0.6}),
  };
}

function readRegion(section: CfgReader): DarknetLayer {
  const anchors = readAnchors(section);
  if (section.integer('coords', {otherwise: 4}) !== 4) throw section.error('coords must be 4.', 'coords');
  if (section.has('tree')) throw section.error('trees of a region layer are not built.', 'tree');
  section.ignore(...augmentation, 'absolute', 'background', 'mask_scale');
  return {
    type: 'region',
    line: section.line,
    classes: section.integer('classes', {otherwise: 20, least: 1}),
    anchors,
    softmax: section.flag('softmax'),
    biasMatch: section.flag('bias_match'),
    rescore: section.flag('rescore'),
    thresh: section.number('thresh', {otherwise: 0.5}),
    objectScale: section.number('object_scale', {otherwise: 1}),
    noObjectScale: section.number('noobject_scale', {otherwise: 1}),
    classScale: section.number('class_scale', {otherwise: 1}),
    coordScale: section.number('coord_scale', {otherwise: 1}),
  };
}

/** `[width, height]` each; as many as `num` says. */
function readAnchors(section: CfgReader): [number, number][] {
  const sides = section.numbers('anchors');
  const num = section.integer('num', {otherwise: 1, least: 1});
  if (sides.length !== 2 * num || sides.some(side => !(side > 0))) {
    throw section.error(
      `anchors must be ${num} pairs of a width and a height above 0, as num says; got ${sides.length} numbers.`,
      'anchors',
    );
  }
  return Array.from({length: num}, (_, i) => [sides[2 * i], sides[2 * i + 1]]);
}

function readDetection(section: CfgReader): DarknetLayer {
  if (section.integer('coords', {otherwise: 4}) !== 4) throw section.error('coords must be 4.', 'coords');
  section.ignore(...augmentation, 'forced', 'reorg', 'background');
  return {
    type: 'detection',
    line: section.line,
    classes: section.integer('classes', {otherwise: 1, least: 1}),
    side: section.integer('side', {otherwise: 7, least: 1}),
    num: section.integer('num', {otherwise: 1, least: 1}),
    sqrt: section.flag('sqrt'),
    softmax: section.flag('softmax'),
    rescore: section.flag('rescore'),
    objectScale: section.number('object_scale', {otherwise: 1}),
    noObjectScale: section.number('noobject_scale', {otherwise: 1}),
    classScale: section.number('class_scale', {otherwise: 1}),
    coordScale: section.number('coord_scale', {otherwise: 1}),
  };
}
