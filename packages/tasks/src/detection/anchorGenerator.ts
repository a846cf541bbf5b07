// Ren et al., "Faster R-CNN", NIPS 2015, arXiv:1506.01497, section 3.1.1; one size a level: Lin et al., "Feature
// Pyramid Networks", CVPR 2017, arXiv:1612.03144, section 4.1.
import * as tf from '@tensorflow/tfjs-core';
import type {PixelSize} from './detectionNetwork.js';

export interface AnchorGeneratorOptions {
  /** For each level the sides of its square anchors, in pixels of the input. */
  sizes: readonly (readonly number[])[];
  /** Height by width of the anchors of each size. @defaultValue `[0.5, 1, 2]` */
  ratios?: readonly number[];
}

/** Lays boxes of a few sizes and shapes around the corners of the cells of each feature map. */
export class AnchorGenerator {
  readonly sizes: readonly (readonly number[])[];
  readonly ratios: readonly number[];

  constructor({sizes, ratios = [0.5, 1, 2]}: AnchorGeneratorOptions) {
    const all = [...sizes.flat(), ...ratios];
    if (sizes.some(({length}) => length === 0) || ratios.length === 0 || !all.every(value => value > 0)) {
      throw new RangeError(
        `AnchorGenerator: expected positive sizes for every level and positive ratios, got ${JSON.stringify({sizes, ratios})}.`,
      );
    }
    this.sizes = sizes;
    this.ratios = ratios;
  }

  /** Anchors around each cell of a level. */
  perCell(level: number): number {
    return this.sizes[level].length * this.ratios.length;
  }

  /**
   * @param maps - Height and width of each level's feature map.
   * @param input - Height and width of the network's input.
   * @returns `[Σ H · W · perCell, 4]` float32, `[x1, y1, x2, y2]` in pixels of the input: level by level, row by row,
   * cell by cell. Boxes may reach beyond the input.
   * @throws RangeError if there are not as many maps as levels.
   */
  anchors(maps: readonly PixelSize[], input: PixelSize): tf.Tensor2D {
    const {sizes} = this;
    if (maps.length !== sizes.length) {
      throw new RangeError(
        `AnchorGenerator: expected ${sizes.length} feature maps, as many as there are lists of sizes, got ${maps.length}.`,
      );
    }
    return tf.tidy(() => tf.concat(maps.map((map, level) => this.#level(level, map, input))) as tf.Tensor2D);
  }

  #level(level: number, [height, width]: PixelSize, input: PixelSize): tf.Tensor2D {
    // Whole steps, as torchvision takes them, also where the map does not divide the input.
    const [dy, dx] = [Math.floor(input[0] / height), Math.floor(input[1] / width)];
    const rows = tf.reshape(tf.mul(tf.range(0, height), dy), [height, 1, 1]);
    const columns = tf.reshape(tf.mul(tf.range(0, width), dx), [1, width, 1]);
    const whole = [height, width, 1];
    const [y, x] = [tf.broadcastTo(rows, whole), tf.broadcastTo(columns, whole)];
    const corners = tf.reshape(tf.concat([x, y, x, y], 2), [height * width, 1, 4]);
    const cell = tf.tensor3d(this.#cellAnchors(level), [1, this.perCell(level), 4]);
    return tf.reshape(tf.add(corners, cell), [-1, 4]);
  }

  /** Boxes around the origin, to whole pixels, ratio by ratio. */
  #cellAnchors(level: number): Float32Array {
    const boxes = this.ratios.flatMap(ratio => {
      const height = Math.fround(Math.sqrt(ratio));
      const width = Math.fround(1 / height);
      return this.sizes[level].flatMap(size => {
        const [x, y] = [halfEven((width * size) / 2), halfEven((height * size) / 2)];
        return [-x, -y, x, y];
      });
    });
    return Float32Array.from(boxes);
  }
}

/** PyTorch's rounding: half goes to the even neighbour. */
function halfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
