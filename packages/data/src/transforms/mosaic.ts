// Bochkovskiy et al., "YOLOv4", 2020, arXiv:2004.10934, section 3.3; places and sizes as Ultralytics draws them.
import type {Random} from '@foveal/core';
import type {Sample} from '../sample.js';
import {cutSample} from './cutSample.js';
import type {Fill} from './grid.js';
import {joinSamples} from './joinSamples.js';
import {defaultMinVisible, type VisibleRule} from './moveSample.js';
import {resizeSample} from './resizeSample.js';
import {type Size, sizeOf} from './size.js';

export interface MosaicOptions extends VisibleRule {
  /** Of the whole canvas: twice what the model sees, if a crop or an affine change follows. */
  size: Size;
  /** What shows beside images that are too small for their quarter, 0 to 255. @defaultValue 114 */
  fill?: Fill;
}

/** Four samples around one point: top left, top right, bottom left, bottom right. */
export type Four = readonly [Sample, Sample, Sample, Sample];

/**
 * Joins four samples into one: each is resized to fit half of the canvas, and they meet at a point drawn from the
 * canvas's middle half; what reaches over the canvas is cut off. `joinSamples` says what becomes of the labels.
 *
 * @returns a function of four samples, as a transform is of one.
 */
export function mosaic({
  size,
  fill = 114,
  minVisible = defaultMinVisible,
}: MosaicOptions): (samples: Four, random: Random) => Sample {
  const {width, height} = sizeOf(size, 'mosaic');
  if (width < 4 || height < 4)
    throw new RangeError(`mosaic: size must be 4 or more, got ${width} × ${height}.`);
  return (samples, random) => {
    const x = Math.round(width * (0.25 + random.next() / 2));
    const y = Math.round(height * (0.25 + random.next() / 2));
    const parts = samples.map((sample, i) => {
      const fitted = fit(sample, width / 2, height / 2);
      const [atLeft, atTop] = [i % 2 === 0, i < 2];
      const quarter = {
        left: atLeft ? fitted.image.width - x : 0,
        top: atTop ? fitted.image.height - y : 0,
        width: atLeft ? x : width - x,
        height: atTop ? y : height - y,
      };
      return {
        sample: cutSample(fitted, quarter, fill, minVisible),
        left: atLeft ? 0 : x,
        top: atTop ? 0 : y,
      };
    });
    return joinSamples(parts, width, height);
  };
}

/** As large as fits, the shape kept. */
function fit(sample: Sample, width: number, height: number): Sample {
  const {image} = sample;
  const scale = Math.min(width / image.width, height / image.height);
  const size = {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  };
  return resizeSample(sample, {left: 0, top: 0, width: image.width, height: image.height}, size, 0);
}
