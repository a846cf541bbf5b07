import {Command} from 'commander';
import type {ExplainedImage, ExplainedModel} from '../explain/explainedModel.js';
import type {ExplanationName, ExplanationOptions} from '../explain/explanations.js';
import {engineOption, startEngine} from './engineOption.js';
import {checkModelOptions, type ModelOptions, openTask} from './openTask.js';
import {preprocessOption} from './preprocessOption.js';
import {requireOptions} from './requireOptions.js';
import {knownName, UsageError} from './usageError.js';
import {wholeNumber} from './values.js';

/** What `--method` takes, with what each shows. */
const methods = {
  gradcam: 'where a layer sees what speaks for a category; of a segmenter, for the pixels that it gets',
  saliency: 'which pixels a score hangs on',
  occlusion: 'what falls when a square hides a part',
  guided: 'what excites a category or a unit, by guided backpropagation',
  deconvnet: 'the same, by a deconvnet',
  activations: 'the maps of a layer',
  filters: 'what the first layer looks for; takes no image',
  'top-regions': 'the regions of all images that excite units most',
  kernels: 'blur, edge, sharpen and the like, and paddings; takes no model',
} as const;
type Method = keyof typeof methods;

interface ExplainCommandOptions extends Omit<ModelOptions, 'checkpoint' | 'task'> {
  checkpoint?: string;
  categories?: string;
  method?: string;
  layer?: string;
  class?: string;
  channel?: number[];
  size?: number;
  stride?: number;
  count?: number;
  out?: string;
  engine?: string;
  json?: boolean;
}

/** What is told of each picture. */
interface Told {
  file?: string;
  method: Method;
  subject: string;
  score?: number;
  picture: string;
}

export const explainCommand = (exit: (code: number) => void) =>
  new Command('explain')
    .description('show what a classifier or segmenter sees, and what its answers hang on')
    .argument('[images...]', 'image files, folders of them, globs, or - for a list on standard input')
    .option('--method <name>', `one of ${Object.keys(methods).join(', ')}`)
    .option('--out <folder>', 'where the pictures go')
    .option('--checkpoint <file>', 'a checkpoint of foveal train')
    .option('--model <name>', 'a model, see foveal models; with --weights')
    .option('--weights <file>', 'its weights: .safetensors, .pth or .th')
    .option('--categories <file>', 'the names of its outputs, one a line (default: their numbers)')
    .addOption(preprocessOption())
    .option(
      '--class <name>',
      'the category that is explained, by name or number (default: the most probable)',
    )
    .option('--layer <name>', 'the layer that is looked at; foveal models NAME --summary lists them')
    .option('--channel <n,…>', 'units of the layer, by number', numbers)
    .option(
      '--size <pixels>',
      'occlusion: side of the square (default: an eighth of the image)',
      wholeNumber(1),
    )
    .option('--stride <pixels>', 'occlusion: between its places (default: half of its side)', wholeNumber(1))
    .option('--count <n>', 'top-regions: regions for each unit (default: 6)', wholeNumber(1))
    .addOption(engineOption())
    .option('--json', 'print a JSON array, one picture a line')
    .addHelpText('after', `\n${examples}`)
    .action(async (paths: string[], options: ExplainCommandOptions, command: Command) => {
      requireOptions(command, 'method', 'out');
      const method = knownName('method', options.method ?? '', Object.keys(methods) as Method[]);
      checkOptions(method, paths, options);
      if (method !== 'kernels') await checkModelOptions(modelOptions(options));
      const {mkdir} = await import('node:fs/promises');
      await mkdir(options.out ?? '', {recursive: true});
      const told: Told[] = [];
      const tell = (one: Told) => {
        told.push(one);
        if (!options.json) process.stdout.write(`${line(one)}\n`);
      };
      const failed = await runMethod(method, paths, options, tell);
      if (options.json) process.stdout.write(`[\n${told.map(one => JSON.stringify(one)).join(',\n')}\n]\n`);
      if (failed > 0) exit(1);
    });

function numbers(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.every(value => Number.isInteger(value) && value >= 0) && text.trim()) return values;
  throw new UsageError(`--channel ${text}: expected numbers from 0, such as 12 or 3,17,40.`);
}

/** @throws UsageError for what the method does not take, rather than leaving it unheard. */
function checkOptions(method: Method, paths: readonly string[], options: ExplainCommandOptions): void {
  const {channel, layer, size, stride, count, checkpoint, model, weights} = options;
  const only = (option: string, given: unknown, takers: readonly Method[]) => {
    if (given === undefined || takers.includes(method)) return;
    throw new UsageError(`${option} is for ${takers.join(', ')}, not for ${method}.`);
  };
  only('--class', options.class, ['gradcam', 'saliency', 'occlusion', 'guided', 'deconvnet']);
  only('--layer', layer, ['gradcam', 'saliency', 'guided', 'deconvnet', 'activations', 'top-regions']);
  only('--channel', channel, ['saliency', 'guided', 'deconvnet', 'activations', 'top-regions']);
  only('--size', size, ['occlusion']);
  only('--stride', stride, ['occlusion']);
  only('--count', count, ['top-regions']);
  if (channel && options.class !== undefined)
    throw new UsageError('--class and --channel name two things to explain: give one.');
  if (channel && layer === undefined && method !== 'activations' && method !== 'top-regions')
    throw new UsageError('--channel needs its --layer.');
  if (layer !== undefined && !channel && ['saliency', 'guided', 'deconvnet'].includes(method))
    throw new UsageError(`--layer needs a --channel with ${method}: the unit that is explained.`);
  if (channel && channel.length > 1 && method !== 'top-regions')
    throw new UsageError(`--channel: ${method} shows one unit; give one number.`);
  const named = checkpoint ?? model ?? weights;
  if (method === 'kernels' && named !== undefined)
    throw new UsageError('kernels are fixed: leave --checkpoint, --model and --weights out.');
  if (method === 'filters' && paths.length)
    throw new UsageError('filters takes no image: it shows the weights themselves.');
  if (method !== 'filters' && paths.length === 0) throw new UsageError(`${method} needs an image.`);
}

const modelOptions = ({checkpoint, ...options}: ExplainCommandOptions): ModelOptions => ({
  ...options,
  ...(checkpoint !== undefined && {checkpoint: [checkpoint]}),
});

async function runMethod(
  method: Method,
  paths: string[],
  options: ExplainCommandOptions,
  tell: (one: Told) => void,
): Promise<number> {
  await startEngine(options.engine);
  const {PictureNames} = await import('../explain/pictureNames.js');
  const names = new PictureNames(options.out ?? '', method);
  if (method === 'kernels') {
    const {kernelSheet} = await import('../explain/kernelSheet.js');
    return eachImage(paths, async (file, image) => {
      const picture = await names.write(file, await kernelSheet(image, file));
      tell({file, method, subject: 'the classic kernels, and paddings', picture});
    });
  }
  const model = await openModel(options, method);
  if (method === 'filters') {
    const {filterPicture} = await import('../explain/filterPicture.js');
    const picture = await names.write(model.name, await filterPicture(model));
    tell({method, subject: `the first layer of ${model.name}`, picture});
    return 0;
  }
  if (method === 'top-regions') return regions(model, paths, options, {names, tell});
  return eachImage(paths, async (file, image) => {
    const {explainedImage} = await import('../explain/explainedModel.js');
    const shown = await explainedImage(model, file, image);
    try {
      const {picture, ...about} = await explain(method, model, shown, options);
      tell({file, method, ...about, picture: await names.write(file, picture)});
    } finally {
      shown.input.dispose();
    }
  });
}

async function explain(
  method: ExplanationName,
  model: ExplainedModel,
  image: ExplainedImage,
  {class: category, layer, channel, size, stride}: ExplainCommandOptions,
) {
  const {explanations} = await import('../explain/explanations.js');
  const options: ExplanationOptions = {
    ...(category !== undefined && {category}),
    ...(layer !== undefined && {layer}),
    ...(channel && {channel: channel[0]}),
    ...(size !== undefined && {size}),
    ...(stride !== undefined && {stride}),
  };
  return explanations[method](model, image, options);
}

interface Results {
  names: {write(name: string, picture: Buffer): Promise<string>};
  tell: (one: Told) => void;
}

async function regions(
  {name, network, preprocess}: ExplainedModel,
  paths: string[],
  {layer = network.featureMaps.at(-1)?.layer, channel, count = 6}: ExplainCommandOptions,
  {names, tell}: Results,
): Promise<number> {
  if (layer === undefined) throw new UsageError(`${name} has no maps. Take a network with convolutions.`);
  const {RegionSearch} = await import('../explain/regionSearch.js');
  const search = new RegionSearch(network, preprocess, {layer, count, ...(channel && {channels: channel})});
  const failed = await eachImage(paths, (file, image) => search.add(file, image));
  const picture = await search.draw();
  if (picture)
    tell({method: 'top-regions', subject: layer, picture: await names.write(`${name}-${layer}`, picture)});
  return failed;
}

/** Decodes images one after another; what cannot be read or explained is told on stderr. @returns how many. */
async function eachImage(
  paths: readonly string[],
  use: (file: string, image: import('@foveal/data').Image) => Promise<void>,
): Promise<number> {
  const {decodeImage, ImageDecodeError} = await import('@foveal/data');
  const {imageFiles} = await import('../predict/imageFiles.js');
  let failed = 0;
  let done = 0;
  for await (const file of imageFiles(paths)) {
    try {
      await use(file, await decodeImage(file));
      done++;
    } catch (error) {
      if (!(error instanceof ImageDecodeError)) throw error;
      failed++;
      process.stderr.write(`foveal: ${error.message}\n`);
    }
  }
  if (done + failed === 0) process.stderr.write('there are no images in what was given.\n');
  return failed;
}

async function openModel(options: ExplainCommandOptions, method: Method): Promise<ExplainedModel> {
  const {checkpoint, model, categories} = options;
  if (checkpoint !== undefined) {
    const {loadCheckpoint} = await import('../train/checkpoint.js');
    const {task} = await loadCheckpoint(checkpoint);
    const {task: kind} = task.description;
    const name = model ?? task.description.model ?? 'model';
    if (kind === 'segmentation' && method !== 'occlusion') return segmenter(task, name);
    // Any network has a first layer; the rest asks for categories.
    if (method !== 'filters' && kind !== 'classification') {
      const possible =
        kind === 'segmentation'
          ? Object.keys(methods).filter(one => one !== 'occlusion')
          : ['filters', 'kernels'];
      throw new UsageError(
        `${checkpoint} is a checkpoint for ${kind}: --method ${method} explains classifiers. Possible here: ${possible.join(', ')}.`,
      );
    }
    return explained(task, name);
  }
  const {models} = await import('@foveal/models');
  const {classification} = await import('../kinds/classification.js');
  const known = knownName('classifier', model ?? '', Object.keys(models) as (keyof typeof models)[]);
  const names = async () => {
    if (categories === undefined)
      return Array.from({length: models[known].numClasses}, (_, i) => `category ${i}`);
    const {readFile} = await import('node:fs/promises');
    const {classNames} = await import('./labelledFolder.js');
    return classNames(await readFile(categories, 'utf8'));
  };
  return explained(await openTask(classification, {}, modelOptions(options), names), known);
}

function explained(task: import('../task.js').AnyTask, name: string): ExplainedModel {
  const {preprocess, categories} = task.description;
  if (!preprocess) throw new Error(`${name} does not say what it expects of images.`);
  return {name, network: task.model as ExplainedModel['network'], preprocess, categories};
}

/** A segmenter, whose categories have pixels. */
async function segmenter(task: import('../task.js').AnyTask, name: string): Promise<ExplainedModel> {
  const {PixelScores} = await import('../explain/pixelScores.js');
  const {network, ...model} = explained(task, name);
  const [height, width] = model.preprocess.inputSize;
  const shape = [height, width, model.preprocess.color === 'gray' ? 1 : 3] as const;
  const own = network as unknown as import('../segmentation/segmentationNetwork.js').SegmentationNetwork;
  return {...model, network: new PixelScores(own, model.categories.length, shape)};
}

const line = ({file, subject, score, picture}: Told) =>
  [file, score === undefined ? subject : `${subject} ${Math.round(100 * score)} %`, picture]
    .filter(part => part !== undefined)
    .join('\t');

const examples = `Methods:
${Object.entries(methods)
  .map(([name, about]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}

Examples:
  foveal explain --checkpoint runs/pets/best.safetensors --method gradcam cat.jpg --out seen/
  foveal explain --model squeezenet1_1 --weights squeezenet1_1.safetensors --method occlusion --class 207 dog.jpg --out seen/
  foveal explain --checkpoint best.safetensors --method deconvnet --layer layer2 --channel 17 cat.jpg --out seen/
  foveal explain --checkpoint best.safetensors --method top-regions --layer layer3 --channel 3,17,40 photos/ --out seen/
  foveal explain --checkpoint best.safetensors --method filters --out seen/
  foveal explain --method kernels cat.jpg --out seen/`;
