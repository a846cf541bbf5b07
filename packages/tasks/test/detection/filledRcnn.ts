import {readFileSync} from 'node:fs';
import type {Module} from '@foveal/core';
import type {Image} from '@foveal/data';
import {toModelLayout} from '@foveal/models';
import * as tf from '@tensorflow/tfjs-core';
import type {Target} from '../../src/detection/detectionNetwork.js';

/** Reads `fixtures/golden/faster_rcnn/<name>.json`. */
export function goldenRcnn<T>(name: string): T {
  const file = new URL(`../../../../fixtures/golden/faster_rcnn/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** `noise` of fixtures/generate_models.py: numbers in [-1, 1) that depend on the name and the place alone. */
export function noise(name: string, count: number): Float64Array {
  let state = 2166136261;
  for (const byte of new TextEncoder().encode(name)) state = Math.imul(state ^ byte, 16777619) >>> 0;
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state >>> 8) / 2 ** 23 - 1;
  }
  return values;
}

/**
 * Sets every parameter and buffer as `fill` of fixtures/generate_rcnn.py does.
 *
 * @param shapes - PyTorch's.
 * @param certainty - Factor on the weights of the scores.
 */
export function fillRcnn(model: Module, shapes: Record<string, number[]>, certainty: number): void {
  tf.tidy(() => {
    const state = Object.entries(shapes).map(([name, shape]) => {
      const data = Float32Array.from(values(name, shape, certainty));
      return [name, toModelLayout({dtype: 'float32', data, shape})] as const;
    });
    model.loadStateDict(Object.fromEntries(state));
  });
}

function values(name: string, shape: number[], certainty: number): Float64Array {
  const drawn = noise(name, tf.util.sizeFromShape(shape));
  const [owner, last] = name.split('.').slice(-2);
  if (shape.length > 1) {
    // In float32 where the generator scales what is float32 already.
    const scaled = drawn.map(value =>
      Math.fround(value * Math.sqrt(6 / tf.util.sizeFromShape(shape.slice(1)))),
    );
    if (owner === 'cls_logits' || owner === 'bbox_pred') return scaled.map(value => value * Math.fround(0.1));
    return name === 'roi_heads.box_predictor.cls_score.weight'
      ? scaled.map(value => value * Math.fround(certainty))
      : scaled;
  }
  if (last === 'running_var') return drawn.map(value => 1 + 0.5 * value);
  const gain = owner === 'bn2' || owner === 'bn3' ? 0.2 : 1;
  return drawn.map(last === 'weight' ? value => (1 + 0.25 * value) * gain : value => 0.1 * value);
}

/** `picture` of fixtures/generate_rcnn.py. */
export function picture(height: number, width: number, seed: number): Image {
  const data = new Uint8Array(height * width * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++, i++) {
        data[i] = Math.floor((x * x * (2 + seed) + y * y * 3 + x * y * (c + 1)) / 64 + 40 * c) % 256;
      }
    }
  }
  return {data, height, width, channels: 3};
}

const places = [
  [0.1, 0.2, 0.55, 0.7],
  [0.5, 0.05, 1, 0.6],
  [0.3, 0.5, 0.45, 0.95],
];

/** `targets_for` of fixtures/generate_rcnn.py: sizes are those of the images within the input. */
export function targetsFor(
  sizes: readonly (readonly [number, number])[],
  input: readonly [number, number],
  categories: number,
): Target[] {
  return sizes.map(([height, width], i) => {
    const boxes = (i === 2 ? [] : places).map(part =>
      part.map((value, k) => halfEven(value * (k % 2 ? height : width))),
    );
    const labels = boxes.map((_, k) => (7 * i + 3 * k) % categories);
    const masks = new Float32Array(boxes.length * input[0] * input[1]);
    boxes.forEach((box, k) => {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++)
          masks[(k * input[0] + y) * input[1] + x] = inEllipse(x + 0.5, y + 0.5, box);
      }
    });
    return {
      boxes: tf.tensor2d(boxes.flat(), [boxes.length, 4], 'float32'),
      labels: tf.tensor1d(labels, 'int32'),
      masks: tf.tensor3d(masks, [boxes.length, ...input]),
    };
  });
}

function inEllipse(x: number, y: number, [x1, y1, x2, y2]: number[]): number {
  const [dx, dy] = [(2 * x - x1 - x2) / (x2 - x1), (2 * y - y1 - y2) / (y2 - y1)];
  return dx * dx + dy * dy <= 1 ? 1 : 0;
}

/** Python's round. */
function halfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
