import type {Module} from '@foveal/core';
import * as tf from '@tensorflow/tfjs-core';
import {toModelLayout} from '../src/weights/filterLayout.js';

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

/** Sets every parameter and buffer as `fill` of fixtures/generate_models.py does. Shapes are PyTorch's. */
export function fill(model: Module, shapes: Record<string, number[]>): void {
  tf.tidy(() => {
    const state = Object.entries(shapes).map(([name, shape]) => {
      const data = Float32Array.from(values(name, shape));
      return [name, toModelLayout({dtype: 'float32', data, shape})] as const;
    });
    model.loadStateDict(Object.fromEntries(state));
  });
}

function values(name: string, shape: number[]): Float64Array {
  const drawn = noise(name, tf.util.sizeFromShape(shape));
  const [owner, last] = name.split('.').slice(-2);
  if (shape.length > 1) {
    const bound = Math.sqrt(6 / tf.util.sizeFromShape(shape.slice(1)));
    return drawn.map(value => value * bound);
  }
  if (last === 'running_var') return drawn.map(value => 1 + 0.5 * value);
  const gain = owner === 'bn2' || owner === 'bn3' ? 0.2 : 1;
  return drawn.map(last === 'weight' ? value => (1 + 0.25 * value) * gain : value => 0.1 * value);
}

/** The input of the golden models. @returns `[batch, size, size, channels]`. */
export const goldenInput = (batch: number, size: number) => {
  const channels = size === 28 ? 1 : 3;
  return tf.tensor4d(Float32Array.from(noise('input', batch * size * size * channels)), [
    batch,
    size,
    size,
    channels,
  ]);
};
