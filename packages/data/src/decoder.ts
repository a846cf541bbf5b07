import {type DecodeOptions, decodeImage} from './decodeImage.js';
import type {Image} from './image.js';

/** How a dataset gets at its images: whoever reads it may have them decoded elsewhere. */
export interface Decoder {
  /** The image of a file, as `decodeImage` gives it. */
  whole(file: string, options?: DecodeOptions): Promise<Image>;
  /**
   * For a dataset that does not look at the image, because it knows a label at most: may be in the size already that
   * the reader wants in the end.
   */
  unseen(file: string, options?: DecodeOptions): Promise<Image>;
}

/** Decodes in the thread of the caller. */
export const decodeHere: Decoder = {whole: decodeImage, unseen: decodeImage};

/** For whoever changes the images before they are brought to their final size. */
export const onlyWhole = (decoder: Decoder | undefined): Decoder | undefined =>
  decoder && {whole: decoder.whole, unseen: decoder.whole};
