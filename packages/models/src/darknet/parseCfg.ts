import {readFile} from 'node:fs/promises';
import {CfgError} from './cfgError.js';
import {CfgReader, hint} from './cfgReader.js';
import {type CfgSection, cfgSections} from './cfgSections.js';
import type {DarknetCfg, DarknetInput, DarknetLayer} from './darknetLayer.js';
import {layerReaders} from './readLayer.js';

/**
 * Understands the text of a darknet `.cfg`: its `[net]` and its layers, with darknet's defaults. How darknet would
 * train it (rates, augmentation) is left to the training here.
 *
 * @param file - Named in errors. @defaultValue 'cfg'
 * @throws CfgError with file and line for an unknown section or key, and for a value that cannot be.
 */
export function parseCfg(text: string, file = 'cfg'): DarknetCfg {
  const [head, ...rest] = cfgSections(text, file);
  if (!head || (head.type !== 'net' && head.type !== 'network')) {
    const got = head ? `got [${head.type}]` : 'the file has no section';
    throw new CfgError(file, head?.line ?? 1, `expected [net] as the first section; ${got}.`);
  }
  const net = readNet(new CfgReader(head, file));
  // Darknet measures its loss there; it computes nothing.
  const sections = rest.filter(({type}) => type !== 'cost');
  return {file, net, layers: sections.map((section, index) => readLayer(section, index, file))};
}

/**
 * Reads a darknet `.cfg`.
 *
 * @throws CfgError as {@link parseCfg} does; Error if there is no such file.
 */
export async function readCfg(path: string): Promise<DarknetCfg> {
  return parseCfg(await readFile(path, 'utf8'), path);
}

function readLayer(section: CfgSection, index: number, file: string): DarknetLayer {
  const {type, line} = section;
  if (!Object.hasOwn(layerReaders, type)) {
    const known = Object.keys(layerReaders);
    throw new CfgError(
      file,
      line,
      `unknown layer [${type}].${hint(type, known)} Known: ${known.join(', ')}.`,
    );
  }
  const reader = new CfgReader(section, file);
  const layer = layerReaders[type](reader, index);
  reader.done();
  return layer;
}

function readNet(section: CfgReader): DarknetInput {
  const side = (key: string) => section.integer(key, {otherwise: 416, least: 1});
  const net = {
    width: side('width'),
    height: side('height'),
    channels: section.integer('channels', {otherwise: 3, least: 1}),
  };
  section.ignore(...training);
  section.done();
  return net;
}

/** Keys of `[net]` by which darknet trains. */
const training = [
  ...['batch', 'subdivisions', 'time_steps', 'momentum', 'decay', 'learning_rate', 'learning_rate_min'],
  ...['burn_in', 'power', 'max_batches', 'max_epochs', 'policy', 'step', 'scale', 'steps', 'scales', 'gamma'],
  ...['angle', 'saturation', 'exposure', 'hue', 'aspect', 'max_crop', 'min_crop', 'center', 'flip', 'crop'],
  ...['mosaic', 'mosaic_bound', 'cutmix', 'mixup', 'blur', 'gaussian_noise', 'letter_box', 'contrastive'],
  ...[
    'adam',
    'B1',
    'B2',
    'eps',
    'clip',
    'inputs',
    'ema_alpha',
    'optimized_memory',
    'workspace_size_limit_MB',
  ],
  ...[
    'try_fix_nan',
    'loss_scale',
    'dynamic_minibatch',
    'label_smooth_eps',
    'num_boxes',
    'max_boxes',
    'notruth',
  ],
  ...['random', 'track', 'augment_speed', 'sequential_subdivisions', 'init_sequential_subdivisions'],
  ...[
    'use_cuda_graph',
    'unsupervised',
    'show_receptive_field',
    'policy_scales',
    'seq_scales',
    'reset',
    'log_step',
  ],
  ...[
    'resize_step',
    'attention',
    'adversarial_lr',
    'badlabels_rejection_percentage',
    'num_sigmas_reject_badlabels',
  ],
  ...['equidistant_point', 'weights_reject_freq', 'cutout', 'color'],
];
