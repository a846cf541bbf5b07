import {z} from 'zod';
import type {AutoencoderLossOptions, SparsitySettings} from '../autoencoder/autoencoderLosses.js';
import type {AutoencoderMeter} from '../autoencoder/autoencoderMeter.js';
import type {AutoencoderBuildOptions, AutoencoderModelName} from '../autoencoder/autoencoderModels.js';
import type {AutoencoderTask} from '../autoencoder/autoencoderTask.js';
import type {CorruptionSettings} from '../autoencoder/corruption.js';
import {UsageError} from '../cli/usageError.js';
import {positiveNumber, wholeNumber} from '../cli/values.js';
import {duration, plural} from '../terminal/format.js';
import {imageAugmentations} from './imageAugmentations.js';
import type {KindOption, TaskKind} from './taskKind.js';

const all = ['train', 'eval', 'predict'] as const;
const words = ['sigmoid', 'tanh', 'relu', 'linear'] as const;
const count = z.int().min(1);

/** Settings of the network itself; a checkpoint knows them. */
const networkOptions: KindOption[] = [
  {
    flags: '--layers <n,n,…>',
    about: 'units of each layer down to the code (dense: with the code), or channels of each stage (conv)',
    on: all,
    setting: z.union([z.string().min(1), z.array(count)]),
  },
  {
    flags: '--code <n>',
    about: 'numbers of a code, where the layers do not tell (default: 32; variational: 20)',
    on: all,
    parse: wholeNumber(1),
    setting: count,
  },
  {
    flags: '--activation <name>',
    about: `of hidden layers: ${words.join(', ')} (default: sigmoid; variational: tanh)`,
    on: all,
    setting: z.enum(words),
  },
  {
    flags: '--code-activation <name>',
    about: 'of the code of dense_autoencoder (default: linear)',
    on: all,
    setting: z.enum(words),
  },
  {
    flags: '--input-size <n>',
    about: 'pixels of the square that images are brought to (default: 28)',
    on: all,
    parse: wholeNumber(1),
    setting: count,
  },
  {
    flags: '--color <name>',
    about: 'gray or rgb: what the network sees of images (default: gray)',
    on: all,
    setting: z.enum(['gray', 'rgb']),
  },
];

/** An autoencoder, which learns images without labels. */
export const autoencoding: TaskKind<AutoencoderTask> = {
  command: 'autoencode',
  about: 'a short code for each image, from which it can be drawn again; needs no labels',
  trainExamples: [
    'autoencode --model dense_autoencoder --layers 256,64,16 --data mnist:data/mnist --out runs/codes',
    'autoencode --model conv_autoencoder --noise gaussian:0.3 --data images:photos/ --out runs/denoise',
  ],
  unlabelled: true,
  options: [
    ...networkOptions,
    {
      flags: '--noise <kind:x>',
      about: 'spoil images in training: gaussian:0.3, masking:0.5 or salt-pepper:0.2',
      on: ['train'],
      setting: z.string().min(1),
    },
    {
      flags: '--reconstruction <name>',
      about: 'what to minimise: crossEntropy or mse (default: crossEntropy; linear_autoencoder: mse)',
      on: ['train'],
      setting: z.enum(['mse', 'crossEntropy']),
    },
    {
      flags: '--sparsity <kind:x>',
      about: 'make codes sparse: l1:WEIGHT, or kl:RATE:WEIGHT for sigmoid codes',
      on: ['train'],
      setting: z.string().min(1),
    },
    {
      flags: '--contraction <weight>',
      about: 'make codes of a single dense layer change little with their images',
      on: ['train'],
      parse: positiveNumber,
      setting: z.number().positive(),
    },
    {
      flags: '--reconstructions <folder>',
      about: 'write what is drawn again of each image as a PNG',
      on: ['predict'],
    },
  ],
  trainDefaults: {batchSize: 100, optimizer: 'adam', learningRate: 1e-3, weightDecay: 0},
  augmentations: imageAugmentations,
  async modelNames() {
    const {autoencoderModels} = await import('../autoencoder/autoencoderModels.js');
    return Object.keys(autoencoderModels);
  },
  async build({model, seed, preprocess, options: given}) {
    const {autoencoder} = await import('../autoencoder/autoencoderTask.js');
    const name = model as AutoencoderModelName;
    const options = await buildOptions(name, given);
    const losses: AutoencoderLossOptions = {
      reconstruction: reconstructionIn(given['reconstruction']),
      sparsity: sparsityIn(given['sparsity']),
      contraction: typeof given['contraction'] === 'number' ? given['contraction'] : undefined,
    };
    const task = asUsage(() => autoencoder(name, {options, seed, ...losses}));
    const usual = task.description.preprocess;
    if (preprocess === undefined || !usual) return task;
    const {parsePreprocess} = await import('../cli/preprocessOption.js');
    return autoencoder(name, {options, seed, ...losses, preprocess: parsePreprocess(preprocess, usual)});
  },
  async restore({model, options, preprocess}) {
    const {autoencoder} = await import('../autoencoder/autoencoderTask.js');
    return autoencoder(model as AutoencoderModelName, {options, preprocess});
  },
  scoreText: score => `a reconstruction error of ${(-score).toPrecision(4)}`,
  evaluation: ({error, psnr, images}, seconds) =>
    `reconstruction error ${error.toPrecision(4)}${psnr === null ? '' : ` (${psnr.toFixed(2)} dB)`} · ` +
    `${plural(images, 'image')} in ${duration(seconds)}\n`,
  async writeReport(folder, {report, meter, task, dataset}) {
    const {writeAutoencoderReport} = await import('../autoencoder/writeAutoencoderReport.js');
    return writeAutoencoderReport(folder, {report, meter: meter as AutoencoderMeter, task, dataset});
  },
  async predictions(_task, {reconstructions}) {
    const {autoencoderOutput} = await import('../autoencoder/autoencoderOutput.js');
    return autoencoderOutput(typeof reconstructions === 'string' ? reconstructions : undefined);
  },
};

async function buildOptions(
  model: AutoencoderModelName,
  given: Readonly<Record<string, unknown>>,
): Promise<AutoencoderBuildOptions> {
  const {autoencoderModels} = await import('../autoencoder/autoencoderModels.js');
  const settings: readonly string[] = autoencoderModels[model].settings;
  const {inputSize = 28, color = 'gray', layers, code, activation, codeActivation, noise} = given;
  if (color !== 'gray' && color !== 'rgb')
    throw new UsageError(`--color ${String(color)}: expected gray or rgb.`);
  const side = Number(inputSize);
  const asked = {layers, code, activation, codeActivation};
  const foreign = Object.entries(asked).flatMap(([name, value]) => {
    const known = settings.includes(name) || (name === 'layers' && settings.includes('channels'));
    return value === undefined || known ? [] : [`--${name === 'codeActivation' ? 'code-activation' : name}`];
  });
  if (foreign.length) throw new UsageError(`${model} has no setting ${foreign.join(', ')}.`);
  const sizes = layers === undefined ? undefined : layersIn(layers);
  const corruption = noiseIn(noise);
  return {
    inputShape: [side, side, color === 'gray' ? 1 : 3],
    ...(sizes && (settings.includes('channels') ? {channels: sizes} : {layers: sizes})),
    ...(typeof code === 'number' && {code}),
    ...(activation !== undefined && {activation: activationIn('--activation', activation)}),
    ...(codeActivation !== undefined && {codeActivation: activationIn('--code-activation', codeActivation)}),
    ...(corruption && {corruption}),
  };
}

function layersIn(given: unknown): number[] {
  const numbers = Array.isArray(given) ? given.map(Number) : String(given).split(',').map(Number);
  if (numbers.every(one => Number.isSafeInteger(one) && one > 0)) return numbers;
  throw new UsageError(
    `--layers ${String(given)}: expected whole numbers with commas between them, such as 500,250,30.`,
  );
}

function activationIn(flag: string, given: unknown) {
  const found = words.find(one => one === given);
  if (found) return found;
  throw new UsageError(`${flag} ${String(given)}: expected ${words.join(', ')}.`);
}

function reconstructionIn(given: unknown): 'mse' | 'crossEntropy' | undefined {
  if (given === undefined || given === 'mse' || given === 'crossEntropy') return given;
  throw new UsageError(`--reconstruction ${String(given)}: expected crossEntropy or mse.`);
}

function noiseIn(given: unknown): CorruptionSettings | undefined {
  if (given === undefined) return undefined;
  const [kind, amount = ''] = String(given).split(':');
  const value = Number(amount);
  if (amount.trim() && value >= 0) {
    if (kind === 'gaussian') return {kind, deviation: value};
    if (kind === 'masking' && value <= 1) return {kind, rate: value};
    if (kind === 'salt-pepper' && value <= 1) return {kind: 'saltPepper', rate: value};
  }
  throw new UsageError(
    `--noise ${String(given)}: expected gaussian:DEVIATION, masking:RATE or salt-pepper:RATE, rates from 0 to 1.`,
  );
}

function sparsityIn(given: unknown): SparsitySettings | undefined {
  if (given === undefined) return undefined;
  const [kind, ...rest] = String(given).split(':');
  const [first, second] = rest.map(Number);
  if (kind === 'l1' && rest.length === 1 && first > 0) return {kind, weight: first};
  if (kind === 'kl' && rest.length === 2 && first > 0 && first < 1 && second > 0)
    return {kind, target: first, weight: second};
  throw new UsageError(
    `--sparsity ${String(given)}: expected l1:WEIGHT, or kl:RATE:WEIGHT such as kl:0.05:0.1.`,
  );
}

/** Losses that do not fit the network are the user's affair. */
function asUsage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, {cause: error});
    throw error;
  }
}
