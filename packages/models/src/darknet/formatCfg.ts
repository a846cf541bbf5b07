import type {DarknetCfg, DarknetLayer} from './darknetLayer.js';

/**
 * The text of a network's `.cfg`, as darknet reads it: `parseCfg` makes the same network of it. What darknet trains by
 * is not in it.
 */
export function formatCfg({net, layers}: DarknetCfg): string {
  const sections = [section('net', {...net}), ...layers.map(format)];
  return `${sections.join('\n')}`;
}

type Value = number | boolean | string | readonly number[];

function section(type: string, values: Readonly<Record<string, Value>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key}=${text(value)}\n`);
  return `[${type}]\n${lines.join('')}`;
}

function text(value: Value): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? value.join(',') : String(value);
}

function format(layer: DarknetLayer): string {
  const {type, line: _, ...values} = layer;
  switch (layer.type) {
    case 'convolutional': {
      const {filters, size, stride, padding, groups, dilation, batchNormalize, activation} = layer;
      return section(type, {
        ...(batchNormalize && {batch_normalize: 1}),
        filters,
        size,
        stride,
        // Darknet knows any padding, but other readers only this one.
        ...(padding === Math.floor(size / 2) ? {pad: 1} : {padding}),
        ...(groups > 1 && {groups}),
        ...(dilation > 1 && {dilation}),
        activation,
      });
    }
    case 'connected': {
      const {output, batchNormalize, activation} = layer;
      return section(type, {...(batchNormalize && {batch_normalize: 1}), output, activation});
    }
    case 'route': {
      const {layers, groups, group} = layer;
      return section(type, {layers, ...(groups > 1 && {groups, group_id: group})});
    }
    case 'yolo':
      return section(type, {
        mask: layer.mask,
        anchors: layer.anchors.flat(),
        num: layer.anchors.length,
        classes: layer.classes,
        ignore_thresh: layer.ignoreThresh,
        iou_thresh: layer.iouThresh,
        scale_x_y: layer.scaleXY,
        iou_loss: layer.boxLoss,
        iou_normalizer: layer.iouNormalizer,
        cls_normalizer: layer.classNormalizer,
        obj_normalizer: layer.objectNormalizer,
        label_smooth_eps: layer.labelSmoothing,
        beta_nms: layer.betaNms,
      });
    case 'region':
      return section(type, {
        anchors: layer.anchors.flat(),
        num: layer.anchors.length,
        classes: layer.classes,
        softmax: layer.softmax,
        bias_match: layer.biasMatch,
        thresh: layer.thresh,
        ...scales(layer),
      });
    case 'detection': {
      const {classes, side, num, sqrt, softmax} = layer;
      return section(type, {classes, side, num, sqrt, softmax, ...scales(layer)});
    }
    default:
      return section(type, values as Record<string, Value>);
  }
}

const scales = (layer: {
  rescore: boolean;
  objectScale: number;
  noObjectScale: number;
  classScale: number;
  coordScale: number;
}) => ({
  rescore: layer.rescore,
  object_scale: layer.objectScale,
  noobject_scale: layer.noObjectScale,
  class_scale: layer.classScale,
  coord_scale: layer.coordScale,
});
