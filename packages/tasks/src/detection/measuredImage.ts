import type {Sample} from '@foveal/data';
import type {Detections, PixelSize} from './detectionNetwork.js';

/** What is labelled in an image. */
export interface Labelled extends Pick<Sample, 'crowd' | 'difficult' | 'masks' | 'file'> {
  boxes: Float32Array;
  labels: Int32Array;
  size: PixelSize;
}

/** An image with what is labelled in it and what was found. */
export interface MeasuredImage {
  labelled: Labelled;
  found: Detections;
}
