import * as tf from '@tensorflow/tfjs-core';
import type {Meter} from '../task.js';
import type {Autoencoder} from './autoencoder.js';
import type {AutoencoderBatch} from './autoencoderTask.js';

/** How well an autoencoder draws a dataset again. */
export interface AutoencoderMetrics {
  /** The mean squared difference of values, of undisturbed images. */
  error: number;
  /** Signal to noise for values in [0, 1], `−10 log₁₀ error`, in decibels; null if nothing differs. */
  psnr: number | null;
  images: number;
}

/** Codes that are kept for a picture are no more than so many: it would be a blot. */
const mostCodes = 3000;

/** Sums squared differences over batches. */
export class AutoencoderMeter implements Meter<AutoencoderBatch, AutoencoderMetrics> {
  readonly #network: Autoencoder;
  /** Codes of the first images. */
  readonly codes: Float32Array[] = [];
  /** The label of each of `codes`; −1 without. */
  readonly labels: number[] = [];
  #sum = 0;
  #values = 0;
  #images = 0;

  constructor(network: Autoencoder) {
    this.#network = network;
  }

  async add({images, labels}: AutoencoderBatch): Promise<void> {
    const [codes, sum] = tf.tidy(() => {
      const codes = this.#network.encode(images);
      return [codes, tf.sum(tf.squaredDifference(this.#network.decode(codes), images))];
    });
    try {
      this.#sum += (await sum.data())[0];
      this.#values += images.size;
      this.#images += images.shape[0];
      if (this.codes.length >= mostCodes) return;
      const [values, known] = await Promise.all([codes.data<'float32'>(), labels.data()]);
      const size = codes.shape[1] as number;
      for (let i = 0; i < known.length && this.codes.length < mostCodes; i++) {
        this.codes.push(values.slice(i * size, (i + 1) * size));
        this.labels.push(known[i]);
      }
    } finally {
      tf.dispose([codes, sum]);
    }
  }

  result(): AutoencoderMetrics {
    const error = this.#values ? this.#sum / this.#values : 0;
    const psnr = error > 0 ? -10 * Math.log10(error) : null;
    return {error, psnr, images: this.#images};
  }
}
