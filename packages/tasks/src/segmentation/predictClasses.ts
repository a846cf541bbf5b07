import * as tf from '@tensorflow/tfjs-core';
import {averageOrientations, type Orientations} from './averageOrientations.js';
import type {SegmentationNetwork} from './segmentationNetwork.js';
import {tilesOf} from './tiles.js';

/** How a network is asked about an image. */
export interface SegmentationPredictOptions {
  /** Longest side of what the network sees at once. @defaultValue 1024 */
  tile?: number | undefined;
  /** Pixels that neighbouring tiles share. @defaultValue an eighth of a tile, or twice the network's margin */
  overlap?: number | undefined;
  /** Mirrored and turned views of each tile that are averaged; eight take eight times as long. @defaultValue 1 */
  orientations?: Orientations | undefined;
}

export interface PredictClassesOptions extends SegmentationPredictOptions {
  /** The network's outputs that count: further ones, such as one for what is not labelled, are left out. */
  classes: number;
}

/**
 * The most probable class of each pixel, tile by tile where images are large, in memory for one tile.
 *
 * @param images - `[N, H, W, C]` float32, preprocessed.
 * @returns `[N · H · W]`, in the order of the pixels.
 */
export async function predictClasses(
  network: SegmentationNetwork,
  images: tf.Tensor4D,
  {
    classes,
    tile = 1024,
    orientations = 1,
    overlap = Math.max(Math.floor(tile / 8), 2 * (network.margin ?? 0)),
  }: PredictClassesOptions,
): Promise<Int32Array> {
  const [batch, height, width, channels] = images.shape;
  const out = new Int32Array(batch * height * width);
  for (const {top, left, height: rows, width: columns, kept} of tilesOf(height, width, {tile, overlap})) {
    const best = tf.tidy(() => {
      const part = tf.slice(images, [0, top, left, 0], [batch, rows, columns, channels]);
      const logits = (seen: tf.Tensor4D) => ofClasses(network.forward(seen), classes);
      const scores =
        orientations === 1
          ? logits(part)
          : averageOrientations(part, orientations, seen => tf.softmax(logits(seen)));
      return tf.argMax(scores, 3);
    });
    const found = await best.data<'int32'>();
    best.dispose();
    for (let n = 0; n < batch; n++) {
      for (let y = kept[0]; y < kept[2]; y++) {
        const from = (n * rows + y - top) * columns - left;
        out.set(found.subarray(from + kept[1], from + kept[3]), (n * height + y) * width + kept[1]);
      }
    }
  }
  return out;
}

/** The logits that count. @throws TypeError if there are fewer outputs than classes. */
function ofClasses(logits: tf.Tensor4D, classes: number): tf.Tensor4D {
  const outputs = logits.shape[3];
  if (outputs < classes) {
    throw new TypeError(
      `segmenter: the network yields ${outputs} classes, but there are ${classes} categories. ` +
        `Build it with {numClasses: ${classes}}.`,
    );
  }
  return outputs === classes ? logits : tf.slice(logits, [0, 0, 0, 0], [-1, -1, -1, classes]);
}
