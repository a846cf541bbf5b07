import {type DarknetCfg, type WithClassesOptions, withClasses, type YoloName, yoloCfg} from '@foveal/models';
import {Yolo, type YoloSettings} from './yolo.js';

export interface YoloNetworkOptions extends YoloSettings, WithClassesOptions {
  /** How many categories are to be found. @defaultValue those of the network */
  classes?: number;
}

/**
 * A YOLO for any number of categories: `yoloNetwork('yolov3-tiny', {classes: 3})`, or of a file,
 * `yoloNetwork(await readCfg('my.cfg'), {classes: 3})`. Published weights load into its `network` by `loadDarknetWeights`,
 * with `{cfg}` of the network as it was published where the categories differ.
 *
 * @throws CfgError if the network has no head, or layers do not fit together.
 */
export function yoloNetwork(
  network: YoloName | DarknetCfg,
  {classes, anchors, ...options}: YoloNetworkOptions = {},
): Yolo {
  const cfg = typeof network === 'string' ? yoloCfg(network) : network;
  const own = classes ?? headClasses(cfg);
  return new Yolo(own === undefined ? cfg : withClasses(cfg, own, anchors ? {anchors} : {}), options);
}

const headClasses = ({layers}: DarknetCfg): number | undefined => {
  for (const layer of layers) if ('classes' in layer) return layer.classes;
  return undefined;
};
