/** A decoded picture. */
export interface Image {
  /** `[height, width, channels]` in row-major order, 0 to 255; three channels are red, green, blue. */
  data: Uint8Array;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** 1 for grey, 3 for colour. */
  channels: 1 | 3;
}
