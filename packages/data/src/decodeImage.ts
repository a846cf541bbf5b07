import type {Metadata, Sharp, SharpOptions} from 'sharp';
import type {Image} from './image.js';
import {ImageDecodeError} from './imageDecodeError.js';
import {imageFormat} from './imageFormat.js';
import {jpegFrame} from './jpegFrame.js';
import {loadSharp} from './loadSharp.js';
import {readRegularFile} from './readRegularFile.js';

export interface DecodeOptions {
  /**
   * `apply` turns the image as its EXIF orientation says. `ignore` leaves the pixels as they are stored, as torchvision
   * and Pillow do, so that boxes drawn in stored pixels fit. @defaultValue 'ignore'
   */
  orientation?: 'ignore' | 'apply';
  /** Larger images are refused before they are decoded. @defaultValue 268,402,689 (16,383 squared) */
  maxPixels?: number;
}

/**
 * Decodes a JPEG, PNG, WebP, GIF, TIFF or AVIF image as Pillow does: grey stays one channel; palettes, CMYK (by
 * `(255 − C)(255 − K) / 255`) and everything else become RGB; alpha is dropped, not blended; of 16 bits the upper 8 are
 * kept; colour profiles are ignored; of an animation the first frame is taken.
 *
 * @param source - A path, or the bytes of a file.
 * @throws ImageDecodeError for an image that is empty, cut short, damaged, too large, or no image.
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const file = typeof source === 'string' ? source : 'bytes';
  try {
    const bytes = typeof source === 'string' ? await readRegularFile(source) : source;
    return await decode(bytes, options);
  } catch (error) {
    throw new ImageDecodeError(file, (error as Error).message, {cause: error});
  }
}

async function decode(
  bytes: Uint8Array,
  {orientation = 'ignore', maxPixels = 16_383 ** 2}: DecodeOptions,
): Promise<Image> {
  const format = imageFormat(bytes);
  const sharp = await loadSharp();
  // Warnings are not fatal: cameras write files with harmless ones, which Pillow reads, too.
  const settings: SharpOptions = {
    failOn: 'error',
    limitInputPixels: false,
    ignoreIcc: true,
    unlimited: false,
  };
  const metadata =
    (format === 'jpeg' && commonJpeg(bytes)) ||
    (await sharp(bytes, settings).metadata().catch(explain(format)));
  const {width, height} = metadata;
  if (width * height > maxPixels) {
    throw new Error(
      `${width} × ${height} pixels are more than the ${maxPixels} allowed. Shrink it, or raise maxPixels.`,
    );
  }
  let pipeline = sharp(bytes, {...settings, limitInputPixels: maxPixels});
  if (orientation === 'apply') pipeline = pipeline.autoOrient();
  return toImage(convert(pipeline, metadata), metadata).catch(explain(format));
}

type Header = Pick<Metadata, 'width' | 'height' | 'space' | 'hasAlpha'>;

/** A JPEG's header, if it is grey or of three colours: photos are, and to open them twice would take time. */
function commonJpeg(bytes: Uint8Array): Header | undefined {
  const frame = jpegFrame(bytes);
  if (!frame || (frame.channels !== 1 && frame.channels !== 3)) return undefined;
  const {width, height, channels} = frame;
  return {width, height, space: channels === 1 ? 'b-w' : 'srgb', hasAlpha: false};
}

function convert(pipeline: Sharp, {space, hasAlpha}: Header): Sharp {
  // sharp would convert CMYK by a profile of its own, unlike Pillow.
  if (space === 'cmyk') return pipeline.pipelineColourspace('cmyk').toColourspace('cmyk');
  const opaque = hasAlpha ? pipeline.removeAlpha() : pipeline;
  return opaque.toColourspace(isGrey(space) ? 'b-w' : 'srgb');
}

const isGrey = (space: string | undefined) => space === 'b-w' || space === 'grey16';

async function toImage(pipeline: Sharp, {space}: Header): Promise<Image> {
  const {data, info} = await pipeline.raw({depth: 'uchar'}).toBuffer({resolveWithObject: true});
  const {width, height, channels} = info;
  if (space === 'cmyk') return {data: cmykToRgb(data, channels), width, height, channels: 3};
  if (channels !== 1 && channels !== 3)
    throw new Error(`${channels} channels of ${space}, which are not understood.`);
  return {data, width, height, channels};
}

function cmykToRgb(data: Uint8Array, channels: number): Uint8Array {
  const pixels = data.length / channels;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const white = 255 - data[i * channels + 3];
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = Math.round(((255 - data[i * channels + c]) * white) / 255);
  }
  return rgb;
}

function explain(format: string): (error: Error) => never {
  return error => {
    // libvips adds a line for each attempt; the first says it.
    const [line] = error.message.trim().split('\n');
    // libvips has one place for all threads' errors, where another's may have been cleared with this one.
    const detail = line === 'Unknown error' ? '' : ` (${line})`;
    throw new Error(
      `a damaged or truncated ${format.toUpperCase()} image${detail}. Copy it again, or leave it out.`,
      {cause: error},
    );
  };
}
