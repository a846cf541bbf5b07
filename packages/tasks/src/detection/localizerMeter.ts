// The measure of Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015, arXiv:1409.0575,
// section 4.2: right if the category is, and the box overlaps the object by half.
import {boxOverlap} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {Meter} from '../task.js';
import type {LocalizerBatch} from './localizer.js';
import type {LocalizerNetwork} from './localizerNetwork.js';

/** How well the one object of an image was named and found; shares are in [0, 1]. */
export interface LocalizerMetrics {
  /** Images with an object. */
  images: number;
  /** Of the right category, with an overlap of a half or more. */
  localized: number;
  /** Of the right category. */
  top1: number;
  /** The mean intersection over union, whatever the category. */
  meanIou: number;
  perClass: {category: string; images: number; top1: number; localized: number; meanIou: number}[];
}

/** Counts what a localizer gets right. */
export class LocalizerMeter implements Meter<LocalizerBatch, LocalizerMetrics> {
  readonly #network: LocalizerNetwork;
  readonly #counts: {category: string; images: number; right: number; localized: number; overlap: number}[];

  constructor(network: LocalizerNetwork, categories: readonly string[]) {
    this.#network = network;
    this.#counts = categories.map(category => ({category, images: 0, right: 0, localized: 0, overlap: 0}));
  }

  async add({images, labels, boxes}: LocalizerBatch): Promise<void> {
    const said = tf.tidy(() => {
      const {logits, boxes} = this.#network.forward(images);
      return {labels: tf.argMax(logits, 1), boxes};
    });
    try {
      const [truth, named, placed, wanted] = await Promise.all([
        labels.data(),
        said.labels.data(),
        said.boxes.data(),
        boxes.data(),
      ]);
      const [found, objects] = [corners(placed), corners(wanted)];
      for (const [i, label] of truth.entries()) {
        if (label < 0) continue;
        const count = this.#counts[label];
        const overlap = boxOverlap(found, i, objects, i);
        count.images++;
        count.overlap += overlap;
        if (named[i] !== label) continue;
        count.right++;
        if (overlap >= 0.5) count.localized++;
      }
    } finally {
      tf.dispose(said as unknown as tf.TensorContainer);
    }
  }

  result(): LocalizerMetrics {
    const total = {images: 0, right: 0, localized: 0, overlap: 0};
    for (const one of this.#counts) {
      total.images += one.images;
      total.right += one.right;
      total.localized += one.localized;
      total.overlap += one.overlap;
    }
    return {
      ...shares(total),
      perClass: this.#counts.map(one => ({category: one.category, ...shares(one)})),
    };
  }
}

function shares(count: {images: number; right: number; localized: number; overlap: number}) {
  const of = (value: number) => (count.images === 0 ? 0 : value / count.images);
  return {
    images: count.images,
    localized: of(count.localized),
    top1: of(count.right),
    meanIou: of(count.overlap),
  };
}

/** `[x, y, width, height]` about the centre as `[x1, y1, x2, y2]`, cut to the image as predictions are. */
function corners(boxes: Float32Array | Int32Array | Uint8Array): Float32Array {
  const out = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 4) {
    for (const axis of [0, 1]) {
      const half = boxes[i + 2 + axis] / 2;
      out[i + axis] = Math.min(Math.max(boxes[i + axis] - half, 0), 1);
      out[i + 2 + axis] = Math.min(Math.max(boxes[i + axis] + half, 0), 1);
    }
  }
  return out;
}
