import {CfgError} from './cfgError.js';
import type {DarknetCfg, DarknetLayer} from './darknetLayer.js';

export interface WithClassesOptions {
  /**
   * New anchors in pixels, as many as there are; a `[region]` layer keeps them in cells.
   * @defaultValue those of the file
   */
  anchors?: readonly (readonly [number, number])[];
}

/**
 * The same network for another number of classes: its heads, and the layers that feed them. Heads that have the number
 * already stay as they are.
 *
 * @throws CfgError if a head is not fed by a convolution or a fully connected layer; RangeError if the anchors are not
 * as many as before.
 */
export function withClasses(
  cfg: DarknetCfg,
  classes: number,
  {anchors}: WithClassesOptions = {},
): DarknetCfg {
  const layers: DarknetLayer[] = [...cfg.layers];
  cfg.layers.forEach((layer, i) => {
    if (layer.type !== 'yolo' && layer.type !== 'region' && layer.type !== 'detection') return;
    if (layer.classes === classes && !anchors) return;
    const head = {...layer, classes};
    if (anchors && head.type !== 'detection') {
      if (anchors.length !== head.anchors.length) {
        throw new RangeError(
          `withClasses: ${cfg.file} has ${head.anchors.length} anchors, so expected as many; got ${anchors.length}.`,
        );
      }
      head.anchors = anchors.map(([width, height]) => [width, height]);
    }
    layers[i] = head;
    const feeding = layers[i - 1];
    const perCell = head.type === 'detection' ? 0 : (head.type === 'yolo' ? head.mask : head.anchors).length;
    if (feeding?.type === 'convolutional' && head.type !== 'detection') {
      layers[i - 1] = {...feeding, filters: perCell * (5 + classes)};
    } else if (feeding?.type === 'connected' && head.type === 'detection') {
      layers[i - 1] = {...feeding, output: head.side ** 2 * (head.num * 5 + classes)};
    } else {
      const wanted = head.type === 'detection' ? '[connected]' : '[convolutional]';
      throw new CfgError(cfg.file, layer.line, `[${head.type}] must follow ${wanted} to change its classes.`);
    }
  });
  return {...cfg, layers};
}
