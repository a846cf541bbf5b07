import {cocoEval, vocAp} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import type {Meter} from '../task.js';
import {cocoForm} from './cocoForm.js';
import type {DetectionMetrics} from './detectionMetrics.js';
import type {DetectionNetwork} from './detectionNetwork.js';
import type {MeasuredImage} from './measuredImage.js';
import type {ObjectBatch} from './objectBatches.js';
import {toDetections} from './toDetections.js';

/** Counts what a network finds, and keeps it with what was labelled. */
export class DetectionMeter implements Meter<ObjectBatch, DetectionMetrics> {
  /** Everything that was added, in its order. */
  readonly images: MeasuredImage[] = [];
  readonly #network: DetectionNetwork;
  readonly #categories: readonly string[];

  constructor(network: DetectionNetwork, categories: readonly string[]) {
    this.#network = network;
    this.#categories = categories;
  }

  async add({images, placements, labelled}: ObjectBatch): Promise<void> {
    const found = this.#network.detect(images, placements);
    try {
      for (const [i, one] of found.entries()) {
        this.images.push({labelled: labelled[i], found: await toDetections(one, placements[i])});
      }
    } finally {
      tf.dispose(found as unknown as tf.TensorContainer);
    }
  }

  result(): DetectionMetrics {
    const names = this.#categories;
    const categories = new Map(names.map((name, id) => [id, name]));
    const {truths, detections} = cocoForm(this.images, 'bbox');
    const {AP_per_category: perBox, ...boxes} = cocoEval(truths, detections, {categories});
    const masked = this.#network.learnsMasks && truths.every(({mask}) => mask);
    const onMasks = masked
      ? cocoEval(truths, cocoForm(this.images, 'segm').detections, {on: 'segm', categories})
      : undefined;
    const {AP_per_category: perMask, ...masks} = onMasks ?? {};
    const voc = this.#voc();
    const counted = names.map((_, id) => truths.filter(one => one.categoryId === id && !one.crowd).length);
    return {
      images: this.images.length,
      objects: counted.reduce((a, b) => a + b, 0),
      AP: boxes.AP,
      AP50: boxes.AP50,
      ...(onMasks && {maskAP: onMasks.AP}),
      vocAP: voc.mAP,
      boxes,
      ...(onMasks && {masks: masks as DetectionMetrics['boxes']}),
      perClass: names.map((category, id) => ({
        category,
        objects: counted[id],
        AP: perBox[category],
        ...(perMask && {maskAP: perMask[category]}),
        vocAP: voc.categories[category].AP,
      })),
    };
  }

  #voc() {
    const side = (of: 'labelled' | 'found') => {
      const images = this.images.map(image => image[of]);
      return {
        images: Int32Array.from(images.flatMap(({labels}, i) => new Array<number>(labels.length).fill(i))),
        boxes: joined(images.map(({boxes}) => boxes)),
        labels: Int32Array.from(images.flatMap(({labels}) => [...labels])),
      };
    };
    // A crowd counts as little as what is hard to recognise.
    const difficult = this.images.flatMap(({labelled: {labels, difficult, crowd}}) =>
      Array.from(labels, (_, k) => Number(difficult?.[k] === 1 || crowd?.[k] === 1)),
    );
    return vocAp(
      {...side('labelled'), difficult: Uint8Array.from(difficult)},
      {...side('found'), scores: joined(this.images.map(({found}) => found.scores))},
      {categories: this.#categories},
    );
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
