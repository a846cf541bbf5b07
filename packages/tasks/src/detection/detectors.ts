import {join} from 'node:path';
import {nearestName, type Random} from '@foveal/core';
import {
  type Backbone,
  cacheFolder,
  type LoadedWeights,
  type LoadWeightsOptions,
  loadDarknetWeights,
  loadWeights,
  type ModelRecord,
  models,
  parseCfg,
  withClasses,
} from '@foveal/models';
import {maskRcnn} from '../instance/maskRcnn.js';
import type {DetectionNetwork} from './detectionNetwork.js';
import {fasterRcnn} from './fasterRcnn.js';
import {fastRcnn} from './fastRcnn.js';
import {proposalCache} from './selectiveSearch/proposalCache.js';
import {smallYoloCfg} from './smallYoloCfg.js';
import {Yolo} from './yolo/yolo.js';

/** What a detector is built with: kept in its checkpoint. */
export interface DetectorSettings {
  /** A name of the registry of classifiers. */
  backbone?: string;
  /** Pixels of the input: both sides of a YOLO's, the shorter side of an R-CNN's. */
  imageSize?: number;
  /** Where an R-CNN's boxes come from. */
  form?: 'fpn' | 'c4';
  /** The text of a darknet .cfg. */
  cfg?: string;
}

export interface DetectorRequest {
  /** How many categories there are. */
  categories: number;
  /** Where parameters and choices start from. */
  random: Random;
  settings: DetectorSettings;
  /** A file of a classifier's weights for the backbone; only when training begins. */
  backboneWeights?: string;
}

type LoadOptions = Pick<LoadWeightsOptions, 'strict' | 'head'> & {settings: DetectorSettings};

/** What is known of a detector before it is built. */
export interface DetectorRecord {
  /** Where it comes from. */
  paper: string;
  /** Whether it learns masks, too. */
  masks: boolean;
  /** The settings that it has. */
  settings: readonly (keyof DetectorSettings)[];
  build(request: DetectorRequest): Promise<DetectionNetwork>;
  /** Loads weights that only it can read. */
  loadWeights?(network: DetectionNetwork, path: string, options: LoadOptions): Promise<LoadedWeights>;
}

const fasterRcnnPaper = {paper: 'Ren et al. 2015, arXiv:1506.01497', masks: false};
const maskRcnnPaper = {paper: 'He et al. 2017, arXiv:1703.06870', masks: true};
const yoloPaper = {paper: 'Redmon & Farhadi 2018, arXiv:1804.02767', masks: false, loadWeights: loadYolo};
const rcnnSettings = ['backbone', 'imageSize', 'form'] as const;

/** Every detector by its name on the command line. */
export const detectors = {
  yolo_small: {
    ...yoloPaper,
    settings: ['imageSize'],
    build: request => buildYolo(request, smallYoloCfg),
  },
  yolo: {
    ...yoloPaper,
    settings: ['cfg', 'imageSize'],
    build: request => buildYolo(request, request.settings.cfg),
  },
  fastrcnn: {
    paper: 'Girshick 2015, arXiv:1504.08083',
    masks: false,
    settings: ['backbone', 'imageSize'],
    build: async request =>
      fastRcnn(await backboneOf(request, 'resnet18'), {
        ...rcnnOptions(request),
        // Searched once an image: the proposals are kept with what is downloaded.
        proposals: proposalCache(join(cacheFolder(), 'proposals')),
      }),
  },
  fasterrcnn: {
    ...fasterRcnnPaper,
    settings: rcnnSettings,
    build: async request => fasterRcnn(await backboneOf(request, 'resnet18'), rcnnOptions(request)),
  },
  fasterrcnn_resnet50_fpn: {
    ...fasterRcnnPaper,
    settings: ['imageSize'],
    build: async request => fasterRcnn(await backboneOf(request, 'resnet50'), rcnnOptions(request)),
  },
  maskrcnn: {
    ...maskRcnnPaper,
    settings: rcnnSettings,
    build: async request => maskRcnn(await backboneOf(request, 'resnet18'), rcnnOptions(request)),
  },
  maskrcnn_resnet50_fpn: {
    ...maskRcnnPaper,
    settings: ['imageSize'],
    build: async request => maskRcnn(await backboneOf(request, 'resnet50'), rcnnOptions(request)),
  },
} satisfies Record<string, DetectorRecord>;

/** A name in {@link detectors}. */
export type DetectorName = keyof typeof detectors;

/** A detector of the table, with its row. */
export const detectorRecord = (name: string): DetectorRecord =>
  detectors[name as DetectorName] satisfies DetectorRecord;

function buildYolo({categories, random, settings}: DetectorRequest, text: string | undefined): Promise<Yolo> {
  if (text === undefined)
    throw new TypeError('yolo: needs the text of a .cfg: settings {cfg}, or --cfg FILE.');
  const cfg = withClasses(parseCfg(text), categories);
  const side = settings.imageSize;
  const net = side === undefined ? cfg.net : {...cfg.net, width: side, height: side};
  return Promise.resolve(new Yolo({...cfg, net}, {random}));
}

/** A `.weights` file is of the network as it was published, whose heads may be for other categories. */
async function loadYolo(
  network: DetectionNetwork,
  path: string,
  {settings, ...options}: LoadOptions,
): Promise<LoadedWeights> {
  if (!(network instanceof Yolo) || !/\.(weights|conv\.\d+)$/i.test(path)) {
    return loadWeights(network, path, options);
  }
  const published = settings.cfg === undefined ? network.network.cfg : parseCfg(settings.cfg);
  const {loaded, kept} = await loadDarknetWeights(network.network, path, {cfg: published});
  const replaced = options.head === 'replace';
  if (options.strict !== false && !replaced && kept.length) {
    throw new Error(
      `${path}: its heads are for other categories, so ${kept.join(', ')} would start anew. ` +
        "Pass {head: 'replace'} or {strict: false} if that is meant.",
    );
  }
  const [newHead, missing] = replaced ? [kept, []] : [[], kept];
  return {loaded, newHead, missing, misshapen: [], unexpected: [], preprocess: undefined, metadata: {}};
}

const rcnnOptions = ({categories, random, settings: {imageSize, form}}: DetectorRequest) => ({
  categories,
  random,
  ...(imageSize !== undefined && {minSize: imageSize, maxSize: Math.round((imageSize * 1333) / 800)}),
  ...(form && {form}),
});

async function backboneOf(
  {settings, random, backboneWeights}: DetectorRequest,
  usual: string,
): Promise<Backbone> {
  const name = settings.backbone ?? usual;
  if (!Object.hasOwn(models, name)) {
    const near = nearestName(name, Object.keys(models));
    throw new TypeError(
      `there is no backbone "${name}".${near ? ` Did you mean "${near}"?` : ''} foveal models lists them.`,
    );
  }
  const record: ModelRecord = models[name as keyof typeof models];
  const backbone = record.build({random});
  if (backboneWeights !== undefined) await loadWeights(backbone, backboneWeights);
  return backbone;
}
