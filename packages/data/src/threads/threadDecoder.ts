import type {Preprocess} from '@foveal/core';
import type {Decoder} from '../decoder.js';
import type {Image} from '../image.js';
import type {DecodeAhead} from './decodeAhead.js';

export interface ThreadDecoderOptions {
  /** The size for images that nobody needs as they were. @defaultValue they stay as they are */
  fit?: Preprocess;
  /** Receives the images that have been brought to that size. */
  fitted: WeakSet<Image>;
  /** Called when an image is in a thread's hands. */
  away(): void;
}

/** Has a dataset's images decoded by threads. */
export function threadDecoder(threads: DecodeAhead, {fit, fitted, away}: ThreadDecoderOptions): Decoder {
  const whole: Decoder['whole'] = async (file, decoding = {}) => {
    const reading = threads.run({file, decoding});
    away();
    return (await reading).image;
  };
  if (!fit) return {whole, unseen: whole};
  return {
    whole,
    async unseen(file, decoding = {}) {
      const reading = threads.run({file, decoding, fit, keep: false});
      away();
      const {image} = await reading;
      fitted.add(image);
      return image;
    },
  };
}
