import {outputSize} from '@foveal/core';
import {CfgError} from './cfgError.js';
import type {DarknetCfg, DarknetLayer} from './darknetLayer.js';
import {pooledSize} from './maxPool.js';

/** Size of a layer's output, without the number of images. */
export interface LayerShape {
  width: number;
  height: number;
  channels: number;
}

/**
 * What each layer gives for an image of the size in `[net]`.
 *
 * @throws CfgError where layers do not fit together.
 */
export function layerShapes({file, net, layers}: DarknetCfg): LayerShape[] {
  const shapes: LayerShape[] = [];
  layers.forEach((layer, i) => {
    const input = i === 0 ? net : shapes[i - 1];
    const problem = (reason: string) =>
      new CfgError(file, layer.line, `[${layer.type}], layer ${i}, does not fit what it gets: ${reason}`);
    const shape = after(layer, input, shapes, problem);
    if (!(shape.width >= 1 && shape.height >= 1)) {
      throw problem(
        `of ${text(input)} nothing is left. Make the images larger in [net], or the windows smaller.`,
      );
    }
    shapes.push(shape);
  });
  return shapes;
}

const text = ({width, height, channels}: LayerShape) => `${width} × ${height} × ${channels}`;

function after(
  layer: DarknetLayer,
  input: LayerShape,
  shapes: readonly LayerShape[],
  problem: (reason: string) => CfgError,
): LayerShape {
  const {width, height, channels} = input;
  const both = (size: (side: number) => number) => ({width: size(width), height: size(height)});
  switch (layer.type) {
    case 'convolutional': {
      const {filters, size, stride, padding, dilation, groups} = layer;
      if (channels % groups || filters % groups) {
        throw problem(`groups ${groups} must divide its ${channels} channels and ${filters} filters.`);
      }
      return {...both(side => outputSize(side, size, 2 * padding, stride, dilation)), channels: filters};
    }
    case 'connected':
      return {width: 1, height: 1, channels: layer.output};
    case 'maxpool':
      return {...both(side => pooledSize(side, layer.size, layer.stride, layer.padding)), channels};
    case 'avgpool':
      return {width: 1, height: 1, channels};
    case 'upsample':
      return {...both(side => side * layer.stride), channels};
    case 'reorg': {
      const s = layer.stride;
      if (width % s || height % s || channels % s ** 2) {
        throw problem(`stride ${s} must divide ${width} × ${height}, and its square ${channels} channels.`);
      }
      return {...both(side => side / s), channels: channels * s ** 2};
    }
    case 'shortcut': {
      const from = shapes[layer.from];
      if (text(from) === text(input)) return input;
      throw problem(`${text(input)} and, from layer ${layer.from}, ${text(from)} cannot be added.`);
    }
    case 'route':
      return routed(layer, shapes, problem);
    case 'yolo':
    case 'region': {
      const anchors = layer.type === 'yolo' ? layer.mask.length : layer.anchors.length;
      checkHead(channels, anchors * (5 + layer.classes), `${anchors} · (5 + ${layer.classes})`, problem);
      return input;
    }
    case 'detection': {
      const {side, num, classes} = layer;
      const words = `${side}² · (${num} · 5 + ${classes})`;
      checkHead(width * height * channels, side ** 2 * (num * 5 + classes), words, problem);
      return input;
    }
    default:
      return input;
  }
}

function routed(
  {layers, groups}: Extract<DarknetLayer, {type: 'route'}>,
  shapes: readonly LayerShape[],
  problem: (reason: string) => CfgError,
): LayerShape {
  const parts = layers.map(from => shapes[from]);
  const [{width, height}] = parts;
  let channels = 0;
  parts.forEach((part, p) => {
    if (part.width !== width || part.height !== height) {
      throw problem(`layers ${layers[0]} and ${layers[p]} give ${text(parts[0])} and ${text(part)}.`);
    }
    if (part.channels % groups) throw problem(`groups ${groups} must divide ${part.channels} channels.`);
    channels += part.channels / groups;
  });
  return {width, height, channels};
}

function checkHead(
  got: number,
  expected: number,
  words: string,
  problem: (reason: string) => CfgError,
): void {
  if (got === expected) return;
  throw problem(`it needs ${words} = ${expected} values, got ${got}. Set the layer before to ${expected}.`);
}
