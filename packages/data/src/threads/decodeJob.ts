import type {Preprocess} from '@foveal/core';
import {type DecodeOptions, decodeImage} from '../decodeImage.js';
import {fitImage} from '../fitImage.js';
import type {Image} from '../image.js';
import {ImageDecodeError} from '../imageDecodeError.js';

/** An image file to decode, and what else to do with it. */
export interface DecodeJob {
  file: string;
  decoding?: DecodeOptions;
  /** Also bring the image to the size that a model sees. */
  fit?: Preprocess;
  /** With `fit`: whether the image as it was is wanted, too. @defaultValue true */
  keep?: boolean;
  /** Seconds that it may take from the moment its turn comes. @defaultValue no limit */
  timeout?: number;
}

export interface Decoded {
  /** As it was decoded; with `keep: false`, in the size that the model sees. */
  image: Image;
  /** With `fit` and `keep`: in the size that the model sees. */
  fitted?: Image;
}

/**
 * Decodes in the thread that calls it.
 *
 * @throws ImageDecodeError for an image that cannot be used or takes too long; RangeError for a `fit` that contradicts
 * itself.
 */
export async function runDecodeJob({file, decoding, fit, keep = true, timeout}: DecodeJob): Promise<Decoded> {
  const reading = decodeImage(file, decoding);
  const image = await (timeout === undefined ? reading : within(timeout, reading, file));
  if (!fit) return {image};
  const fitted = fitImage(image, fit);
  return keep ? {image, fitted} : {image: fitted};
}

/** What is late goes on in the background, where nothing can stop it, but nobody waits for it. */
async function within<T>(seconds: number, work: Promise<T>, file: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const say = () => reject(new ImageDecodeError(file, `it took longer than ${seconds} s to read.`));
    timer = setTimeout(say, seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
