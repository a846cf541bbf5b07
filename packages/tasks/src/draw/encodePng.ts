import type {Image} from '@foveal/data';
import sharp from 'sharp';

/** The bytes of a PNG file with the pixels of an image as they are; grey if it has one channel. */
export const encodePng = ({data, width, height, channels}: Image): Promise<Buffer> =>
  sharp(data, {raw: {width, height, channels}})
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
