// ITU-T T.81, annex B.2.2: the frame header.

/** What the header of a JPEG says about its pixels. */
export interface JpegFrame {
  width: number;
  height: number;
  /** 1 is grey, 3 colour. */
  channels: number;
}

/**
 * The frame header of a JPEG of 8 bits.
 *
 * @param bytes - Of the file, from its start.
 * @returns Undefined where it is not found, or says something rare: then ask whoever decodes it.
 */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  const word = (at: number) => (bytes[at] << 8) | bytes[at + 1];
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1];
    // Baseline, extended and progressive; C4, C8 and CC are no frames, the others are hardly ever written.
    if (marker >= 0xc0 && marker <= 0xc2) {
      const [height, width] = [word(at + 5), word(at + 7)];
      if (bytes[at + 4] !== 8 || height === 0 || width === 0) return undefined;
      return {width, height, channels: bytes[at + 9]};
    }
    at += 2 + word(at + 2);
  }
  return undefined;
}
