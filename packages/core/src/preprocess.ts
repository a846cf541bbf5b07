/**
 * What a model expects of its input, kept with its weights and in every checkpoint. An image is resized, cropped in
 * the centre to `inputSize`, put into `color`, and each value v of channel c becomes `(v · scale − mean[c]) / std[c]`.
 */
export interface Preprocess {
  /** `[height, width]` in pixels that the model sees. */
  inputSize: [number, number];
  /** Length in pixels of the shorter side before the centre crop; without it the image is resized to `inputSize`. */
  resize?: number;
  /**
   * Where `resize` leaves fractions of a pixel: `torchvision` cuts off that of the longer side and rounds the place of
   * the crop (to the even number, if between two); `nearest` rounds the longer side and cuts off that of the place.
   *
   * @defaultValue 'torchvision'
   */
  rounding?: 'torchvision' | 'nearest';
  /** Order of the channels; `gray` has one. */
  color: 'rgb' | 'bgr' | 'gray';
  /** Factor on the pixel values 0 to 255: `1 / 255` for models trained on [0, 1], 1 for those trained on bytes. */
  scale: number;
  /** Subtracted after scaling, one per channel. */
  mean: number[];
  /** Divided by after that, one per channel. */
  std: number[];
}
