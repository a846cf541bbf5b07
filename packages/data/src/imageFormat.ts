/** Formats that are decoded. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

/** Endings by which a folder's images are found; a format that is not decoded gives an error rather than silence. */
export const imageExtensions = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp|ppm|pgm|heic|heif|jp2|jxl)$/i;

/**
 * What the first bytes of a file say it is, whatever its name.
 *
 * @throws Error whose message is a reason to follow the file's name.
 */
export function imageFormat(head: Uint8Array): ImageFormat {
  const text = Buffer.from(head.subarray(0, 64)).toString('latin1');
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^RIFF.{4}WEBP/s.test(text)) return 'webp';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff';
  if (/^.{4}ftypavi[fs]/s.test(text)) return 'avif';
  throw new Error(`${refusal(text)}. Expected a JPEG, PNG, WebP, GIF, TIFF or AVIF image.`);
}

function refusal(text: string): string {
  if (text === '') return 'the file is empty';
  if (/^.{4}ftyp(hei|hev|mif1|msf1)/s.test(text)) return 'a HEIC image, which is not decoded here';
  if (text.startsWith('BM')) return 'a BMP image, which is not decoded here';
  if (/^P[1-6]\s/.test(text)) return 'a PPM image, which is not decoded here';
  // An SVG may refer to other files and to pictures of any size, so it is never drawn.
  if (/^\s*(<\?xml|<svg|\xef\xbb\xbf\s*<)/i.test(text)) return 'an SVG or XML text, which is not drawn';
  if (/^\s*<(!doctype|html|head|body)/i.test(text)) return 'a web page, not an image: its download failed';
  if (text.startsWith('\x7fELF')) return 'a program, not an image';
  return `no image: it begins with ${Buffer.from(text.slice(0, 8), 'latin1').toString('hex')}`;
}
