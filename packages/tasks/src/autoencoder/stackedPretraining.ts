// Vincent et al., "Stacked Denoising Autoencoders", JMLR 11, 2010, section 3.5; layer by layer since Hinton, Osindero &
// Teh, "A Fast Learning Algorithm for Deep Belief Nets", Neural Computation 18, 2006.
import {type Linear, Module, type Preprocess, untaped} from '@foveal/core';
import type {Dataset} from '@foveal/data';
import type * as tf from '@tensorflow/tfjs-core';
import {train} from '../train/train.js';
import type {TrainOptions} from '../train/trainOptions.js';
import type {TrainResult} from '../train/trainResult.js';
import {activationLayer} from './activation.js';
import {type ReconstructionLoss, reconstructionLoss} from './autoencoderLosses.js';
import {type AutoencoderTask, autoencoder} from './autoencoderTask.js';
import {Corruption, type CorruptionSettings} from './corruption.js';
import type {DenseAutoencoder} from './denseAutoencoder.js';

export interface StackedPretrainingOptions
  extends Omit<TrainOptions, 'validation' | 'out' | 'resume' | 'overwrite'> {
  /** Noise on what each layer sees; one for all, or one a layer. @defaultValue none */
  corruption?: CorruptionSettings | readonly (CorruptionSettings | undefined)[] | undefined;
  /** @defaultValue that of the autoencoder's task: values in [0, 1] */
  preprocess?: Preprocess;
  /** Hears of each layer when it has been trained, with its number from 0. */
  onLayer?: (layer: number, result: TrainResult) => void;
}

/**
 * Trains the layers of an autoencoder one after another, from images without labels: the first reconstructs the images,
 * each further one the codes of those below it, which stay as they are meanwhile. Put a softmax layer on top with
 * `EncoderBackbone` and train that with labels, or train the whole autoencoder further.
 *
 * @param network - Its layers are trained in place, those of the decoder that mirror them, too.
 * @throws RangeError if there is noise for another number of layers.
 */
export async function stackedPretraining(
  network: DenseAutoencoder,
  dataset: Dataset,
  {corruption, preprocess, onLayer, ...options}: StackedPretrainingOptions = {},
): Promise<TrainResult[]> {
  const layers = network.activations.length;
  const noise = Array.isArray(corruption) ? corruption : Array(layers).fill(corruption);
  if (noise.length !== layers)
    throw new RangeError(
      `stackedPretraining: ${layers} layers need as many kinds of noise, got ${noise.length}.`,
    );
  const results: TrainResult[] = [];
  for (let i = 0; i < layers; i++) {
    const task = layerTask(network, i, noise[i] as CorruptionSettings | undefined, preprocess);
    const result = await train(task, dataset, options);
    results.push(result);
    onLayer?.(i, result);
    if (result.interrupted) break;
  }
  return results;
}

/** One layer each way, between the codes of the layers below. */
class LayerPair extends Module {
  readonly encode: Linear;
  readonly decode: Linear;
  readonly corruption: Corruption | null;

  constructor(
    {encode, decode}: {encode: Linear; decode: Linear},
    corruption: CorruptionSettings | undefined,
  ) {
    super();
    this.encode = encode;
    this.decode = decode;
    this.corruption = corruption ? new Corruption(corruption) : null;
  }

  /** @param below - `[N, inputs]` float32. @returns the same shape, before the activation. */
  forward(below: tf.Tensor2D, activate: (x: tf.Tensor) => tf.Tensor): tf.Tensor2D {
    const seen = this.corruption ? this.corruption.forward(below) : below;
    return this.decode.forward(activate(this.encode.forward(seen)) as tf.Tensor2D);
  }
}

/** The batches of an autoencoder, and the losses of one layer of it. */
function layerTask(
  network: DenseAutoencoder,
  i: number,
  corruption: CorruptionSettings | undefined,
  preprocess: Preprocess | undefined,
) {
  const {batches, description, meter, score, predict}: AutoencoderTask = autoencoder(network, {preprocess});
  const model = new LayerPair(network.pair(i), corruption);
  const activation = activationLayer(network.activations[i]);
  // What comes in is what goes out one layer below: images at the bottom.
  const below = i === 0 ? network.output : network.activations[i - 1];
  const loss: ReconstructionLoss = below === 'sigmoid' ? 'crossEntropy' : 'mse';
  const mirrored = i === 0 ? undefined : activationLayer(network.activations[i - 1]);
  return {
    model,
    description,
    batches,
    meter,
    score,
    predict,
    losses({images}: {images: tf.Tensor4D}) {
      // Flatten, then a layer and its activation each.
      const inputs = untaped(() => network.encoder.forward(images, 0, 1 + 2 * i)) as tf.Tensor2D;
      const raw = model.forward(inputs, x => activation.forward(x));
      if (loss === 'crossEntropy') return {reconstruction: reconstructionLoss(raw, inputs, loss, true)};
      const decoded = mirrored ? mirrored.forward(raw) : raw;
      return {reconstruction: reconstructionLoss(decoded, inputs, loss, false)};
    },
  };
}
