import {type PaddingMode, pad2d} from '@foveal/core';
import type {Image} from '@foveal/data';
import * as tf from '@tensorflow/tfjs-core';
import {type Cell, contactSheet} from '../draw/contactSheet.js';
import {signedImage} from '../draw/signedImage.js';
import {shrunk} from '../draw/thumbnail.js';
import {applyKernel, type KernelName, kernels} from './kernels.js';

const words: Record<KernelName, [label: string, note: string]> = {
  identity: ['identity', 'as it is'],
  boxBlur: ['box blur', 'mean of 3 × 3'],
  gaussianBlur: ['Gaussian blur', '5 × 5'],
  sharpen: ['sharpen', 'more than its mean'],
  edge: ['edge', '0 is grey'],
  emboss: ['emboss', 'lit from one corner'],
  sobelX: ['Sobel, x', 'dark to bright is bright'],
  sobelY: ['Sobel, y', 'dark to bright is bright'],
};
const paddings: Record<PaddingMode, string> = {
  zeros: 'black all around',
  replicate: 'the border goes on',
  reflect: 'mirrored',
  circular: 'the other side',
};

const side = 180;

/** Draws an image behind each of the classic kernels, and what the four paddings put around it. @returns The bytes of a PNG. */
export async function kernelSheet(image: Image, title: string): Promise<Buffer> {
  const {data, width, height, channels} = await shrunk(image, side - 8);
  const pixels = tf.tensor4d(
    Float32Array.from(data, v => v / 255),
    [1, height, width, channels],
  );
  try {
    const cells: Cell[] = [];
    for (const name of Object.keys(kernels) as KernelName[]) {
      const [label, note] = words[name];
      const signed = name === 'edge' || name.startsWith('sobel');
      cells.push({image: await drawn(applyKernel(pixels, name), signed), label, note});
    }
    const around: [number, number] = [Math.floor(height / 4), Math.floor(width / 4)];
    for (const [mode, note] of Object.entries(paddings) as [PaddingMode, string][])
      cells.push({image: await drawn(pad2d(pixels, around, mode), false), label: `padding: ${mode}`, note});
    return await contactSheet(cells, {title, columns: 4, cellSize: side});
  } finally {
    pixels.dispose();
  }
}

/** Frees the tensor. */
async function drawn(result: tf.Tensor4D, signed: boolean): Promise<Image> {
  const [, height, width, depth] = result.shape;
  const channels = depth as 1 | 3;
  const values = (await result.data()) as Float32Array;
  result.dispose();
  if (signed) return signedImage(values, {width, height, channels}, {most: 1});
  return {
    data: Uint8Array.from(values, v => Math.round(255 * Math.min(Math.max(v, 0), 1))),
    width,
    height,
    channels,
  };
}
