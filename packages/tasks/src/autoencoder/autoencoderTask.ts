import {nearestName, type Preprocess, Random} from '@foveal/core';
import {applyPreprocess, batches, type Dataset, type Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import {cutToSize} from '../classification/cutToSize.js';
import type {Batch, Task, TaskDescription} from '../task.js';
import {isAugmented} from '../train/dataOrder.js';
import {seedFor} from '../train/streams.js';
import type {Autoencoder} from './autoencoder.js';
import {type AutoencoderLossOptions, autoencoderLosses, checkAutoencoderLosses} from './autoencoderLosses.js';
import {AutoencoderMeter, type AutoencoderMetrics} from './autoencoderMeter.js';
import {
  type AutoencoderBuildOptions,
  type AutoencoderModelName,
  type AutoencoderModelRecord,
  autoencoderModels,
} from './autoencoderModels.js';
import {toImages} from './toImages.js';

/** Images; labels only colour pictures. */
export interface AutoencoderBatch extends Batch {
  /** `[N]` int32; −1 without a label. */
  labels: tf.Tensor1D;
}

/** What an autoencoder makes of one image. */
export interface Reconstruction {
  /** `[codeSize]`. */
  code: Float32Array;
  /** The image as the network gets it, in its size. */
  input: Image;
  /** The image as it is drawn again from the code. */
  reconstruction: Image;
  /** The mean squared difference of the network's values. */
  error: number;
}

export interface AutoencoderTaskOptions extends AutoencoderLossOptions {
  /** @defaultValue values in [0, 1], in the size and colours of the network's `inputShape` */
  preprocess?: Preprocess | undefined;
  /** Options of the network's builder, such as `{layers: [500, 30]}`. @defaultValue `{}` */
  options?: Omit<AutoencoderBuildOptions, 'random'>;
  /** Decides the weights that a network built by its name starts from. @defaultValue 0 */
  seed?: number;
}

export interface AutoencoderTask extends Task<AutoencoderBatch, Reconstruction, AutoencoderMetrics> {
  readonly model: Autoencoder;
  meter(): AutoencoderMeter;
}

/**
 * Makes a task of an autoencoder: it learns images without their labels.
 *
 * @param model - A name of {@link autoencoderModels}, or a network of one's own.
 * @throws RangeError if the name is unknown; TypeError if losses do not fit the network.
 */
export function autoencoder(
  model: AutoencoderModelName | Autoencoder,
  {preprocess, options = {}, seed = 0, ...losses}: AutoencoderTaskOptions = {},
): AutoencoderTask {
  const record = typeof model === 'string' ? recordOf(model) : undefined;
  const random = new Random(seedFor(seed, 'weights'));
  const network = record ? record.build({...options, random}) : (model as Autoencoder);
  checkAutoencoderLosses(network, losses);
  const prepare = preprocess ?? plainPreprocess(network.inputShape);
  const description: TaskDescription = {
    task: 'autoencoding',
    model: typeof model === 'string' ? model : undefined,
    options: record ? options : {},
    // What images show does not matter to it: any dataset will do.
    categories: [],
    preprocess: prepare,
  };

  return {
    model: network,
    description,
    curves: {},
    batches(dataset: Dataset, {training: _, ...batching}) {
      if (!isAugmented(dataset)) return batches(dataset, {...batching, preprocess: prepare});
      const cut = cutToSize(dataset, prepare);
      return batches(cut.dataset, {...batching, preprocess: cut.preprocess});
    },
    losses: ({images}) => autoencoderLosses(network, images, losses),
    meter: () => new AutoencoderMeter(network),
    score: ({error}) => -error,
    async predict(images) {
      const inputs = await Promise.all(images.map(image => applyPreprocess(image, prepare)));
      const shape = [images.length, ...network.inputShape] as [number, number, number, number];
      const values = new Float32Array(tf.util.sizeFromShape(shape));
      inputs.forEach((input, i) => {
        values.set(input, i * input.length);
      });
      const given = tf.tensor4d(values, shape);
      const [codes, drawn, errors] = tf.tidy(() => {
        const codes = network.encode(given);
        const drawn = network.decode(codes);
        return [codes, drawn, tf.mean(tf.squaredDifference(drawn, given), [1, 2, 3])] as const;
      });
      try {
        const [code, error] = await Promise.all([codes.data<'float32'>(), errors.data()]);
        const [seen, again] = await Promise.all([toImages(given, prepare), toImages(drawn, prepare)]);
        const size = network.codeSize;
        return images.map((_, i) => ({
          code: code.slice(i * size, (i + 1) * size),
          input: seen[i],
          reconstruction: again[i],
          error: error[i],
        }));
      } finally {
        tf.dispose([given, codes, drawn, errors]);
      }
    },
  };
}

/** Values in [0, 1], as sigmoids give them. */
const plainPreprocess = ([height, width, channels]: readonly [number, number, number]): Preprocess => ({
  inputSize: [height, width],
  color: channels === 1 ? 'gray' : 'rgb',
  scale: 1 / 255,
  mean: Array(channels).fill(0),
  std: Array(channels).fill(1),
});

function recordOf(name: string): AutoencoderModelRecord {
  if (Object.hasOwn(autoencoderModels, name)) return autoencoderModels[name as AutoencoderModelName];
  const names = Object.keys(autoencoderModels);
  const near = nearestName(name, names);
  throw new RangeError(
    `autoencoder: there is no network "${name}".${near ? ` The nearest name is "${near}".` : ''} ` +
      `There are ${names.join(', ')}.`,
  );
}
