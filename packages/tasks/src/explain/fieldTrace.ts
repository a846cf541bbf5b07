import * as tf from '@tensorflow/tfjs-core';
import {joined, onePixel, type ReceptiveField, through} from './receptiveField.js';

/** What is known of a tensor on its way through a network. */
export interface TracedMap {
  field: ReceptiveField;
  /** `[height, width]` of the maps; `[1, 1]` where each unit sees all of them. */
  grid: [number, number];
  /** Rows and columns that the last window could not reach: the stride did not fit. */
  left: [number, number];
}

type Attrs = Record<string, unknown>;

const fits: [number, number] = [0, 0];

/**
 * Follows receptive fields through the kernels that a forward pass of one image runs, whatever the modules around
 * them do: branches join, sums and norms keep what they got, and after a flattening each unit sees everything.
 */
export class FieldTrace {
  readonly #maps = new WeakMap<tf.Tensor, TracedMap>();

  /** What is known of a tensor; undefined if it does not come from the image. */
  of(tensor: tf.Tensor): TracedMap | undefined {
    return this.#maps.get(tensor);
  }

  /** Runs `f` and follows what it makes of `image`, `[1, H, W, C]`. */
  follow<T>(image: tf.Tensor4D, f: () => T): T {
    const engine = tf.engine();
    const {runKernel} = engine;
    this.#maps.set(image, {field: onePixel, grid: [image.shape[1], image.shape[2]], left: fits});
    engine.runKernel = <R extends tf.Tensor | tf.Tensor[]>(
      name: string,
      inputs: tf.NamedTensorMap,
      attrs?: tf.NamedAttrMap,
    ): R => {
      const result = runKernel.call(engine, name, inputs, attrs) as R;
      this.#note(name, Object.values(inputs), (attrs ?? {}) as Attrs, result);
      return result;
    };
    try {
      return f();
    } finally {
      Reflect.deleteProperty(engine, 'runKernel'); // the class's own comes forth again
    }
  }

  #note(name: string, inputs: readonly tf.Tensor[], attrs: Attrs, result: tf.Tensor | tf.Tensor[]): void {
    const [main, ...others] = [result].flat();
    const known = inputs.flatMap(input => (input && this.#maps.get(input)) ?? []);
    if (known.length === 0) return;
    const map: TracedMap = {
      field: joined(known.map(({field}) => field)),
      grid: known[0].grid,
      left: fits,
    };
    if (name !== 'FusedConvolution') {
      const made = after(name, map, inputs, attrs, main);
      for (const one of [main, ...others]) this.#maps.set(one, made);
      return;
    }
    // What is added behind the convolution in the same pass comes through no window.
    const [x, , ...later] = inputs;
    const made = after(name, this.#maps.get(x) ?? map, inputs, attrs, main);
    const added = later.flatMap(input => this.#maps.get(input) ?? []);
    this.#maps.set(main, {...made, field: joined([made, ...added].map(one => one.field))});
  }
}

function after(
  name: string,
  map: TracedMap,
  inputs: readonly tf.Tensor[],
  attrs: Attrs,
  {shape}: tf.Tensor,
): TracedMap {
  const {field} = map;
  const images = inputs[0].rank === 4 && inputs[0].shape[0] === 1;
  switch (name) {
    case 'Convolution':
    case 'FusedConvolution': {
      const [top, bottom, left, right] = attrs['padding'] as number[];
      const [stride, dilation] = [attrs['strides'], attrs['dilations']] as [number, number][];
      const kernelSize: [number, number] = [inputs[1].shape[0], inputs[1].shape[1] as number];
      const window = {kernelSize, stride, dilation, padding: [top, left] as const};
      return slid(map, window, [top + bottom, left + right]);
    }
    case 'MaxPoolSwitches': {
      const [kernelSize, stride, padding] = [attrs['kernelSize'], attrs['strides'], attrs['padding']] as [
        number,
        number,
      ][];
      return slid(map, {kernelSize, stride, padding}, [2 * padding[0], 2 * padding[1]]);
    }
    case tf.MaxPool:
    case tf.AvgPool: {
      const [before, around] = poolPadding(attrs['pad']);
      const [kernelSize, stride] = [attrs['filterSize'], attrs['strides']].map(both);
      return slid(map, {kernelSize, stride, padding: before}, around);
    }
    case 'ConvolutionTranspose': {
      const [padding, stride, dilation] = [
        attrs['padding'],
        attrs['strides'],
        attrs['dilations'],
      ] as number[][];
      const taps = [0, 1].map(i => dilation[i] * ((inputs[1].shape[i] as number) - 1) + 1);
      return spread(map, shape, stride, i => [
        Math.ceil((padding[2 * i] - taps[i] + 1) / stride[i]),
        Math.ceil(taps[i] / stride[i]),
      ]);
    }
    case tf.ResizeNearestNeighbor:
    case 'Resize2d': {
      const factor = [0, 1].map(i => (shape[1 + i] as number) / map.grid[i]);
      const nearest = name === tf.ResizeNearestNeighbor || attrs['method'] === 'nearest';
      return spread(map, shape, factor, i => {
        if (nearest || factor[i] === 1) return [0, 1];
        return [attrs['alignCorners'] ? 0 : Math.floor(0.5 / factor[i] - 0.5), 2];
      });
    }
    case 'MaxUnpool': {
      const factor = [0, 1].map(i => Math.round((shape[1 + i] as number) / map.grid[i]));
      return spread(map, shape, factor, () => [0, 1]);
    }
    case tf.PadV2: {
      if (!images) return map;
      const [, rows, columns] = attrs['paddings'] as [number, number][];
      return {...map, ...moved(field, [-rows[0], -columns[0]]), grid: gridOf(shape)};
    }
    case tf.Slice: {
      if (!images) return map;
      const [, top, left] = attrs['begin'] as number[];
      return {...map, ...moved(field, [top, left]), grid: gridOf(shape)};
    }
    case tf.Mean:
    case tf.BatchMatMul:
      return whole(map);
    case tf.Reshape: {
      if (shape.length <= 2) return whole(map);
      // Parts of images on the way to fewer or more pixels: what it comes to shows when it is one image again.
      if (shape.length !== 4 || shape[0] !== 1) return map;
      const grid = gridOf(shape);
      const stride = field.stride.map((s, i) =>
        map.grid[i] > grid[i] ? s * Math.round(map.grid[i] / grid[i]) : s / Math.round(grid[i] / map.grid[i]),
      );
      return {field: {...field, stride: [stride[0], stride[1]]}, grid, left: fits};
    }
    default:
      return map;
  }
}

const both = (value: unknown): [number, number] =>
  typeof value === 'number' ? [value, value] : (value as [number, number]);

const gridOf = (shape: readonly number[]): [number, number] => [shape[1], shape[2]];

/** With each unit's neighbour as far away, and the first one elsewhere. */
const moved = ({size, stride, start}: ReceptiveField, by: readonly [number, number]) => ({
  field: {
    size,
    stride,
    start: [start[0] + by[0] * stride[0], start[1] + by[1] * stride[1]],
  } as ReceptiveField,
});

/** Units closer together than those they see; `seen` tells which of these is the first unit's first, and how many it sees. */
function spread(
  {field, grid}: TracedMap,
  shape: readonly number[],
  factor: readonly number[],
  seen: (axis: number) => [first: number, count: number],
): TracedMap {
  const each = (f: (axis: number) => number): [number, number] => [f(0), f(1)];
  // Where there is but one unit, nothing lies beside it.
  const [first, count] = [0, 1].map(which => each(i => (grid[i] === 1 ? which : seen(i)[which])));
  return {
    field: {
      size: each(i => field.size[i] + (count[i] - 1) * field.stride[i]),
      stride: each(i => field.stride[i] / factor[i]),
      start: each(i => field.start[i] + first[i] * field.stride[i]),
    },
    grid: gridOf(shape),
    left: fits,
  };
}

/** A unit that sees all units, like a window as large as the maps. */
function whole({field, grid}: TracedMap): TracedMap {
  return {field: through(field, {kernelSize: grid, stride: grid}), grid: [1, 1], left: fits};
}

function slid(
  {field, grid}: TracedMap,
  window: {
    kernelSize: [number, number];
    stride: [number, number];
    dilation?: [number, number];
    padding?: readonly [number, number];
  },
  around: readonly [number, number],
): TracedMap {
  const {kernelSize, stride, dilation = [1, 1]} = window;
  const spare = [0, 1].map(i => grid[i] + around[i] - dilation[i] * (kernelSize[i] - 1) - 1);
  return {
    field: through(field, window),
    grid: [Math.floor(spare[0] / stride[0]) + 1, Math.floor(spare[1] / stride[1]) + 1],
    left: [spare[0] % stride[0], spare[1] % stride[1]],
  };
}

/** Pixels before the first, and on both sides together, as tfjs's poolings have them. */
function poolPadding(pad: unknown): [before: [number, number], around: [number, number]] {
  if (typeof pad === 'number')
    return [
      [pad, pad],
      [2 * pad, 2 * pad],
    ];
  if (Array.isArray(pad)) {
    const [, rows, columns] = pad as [number, number][];
    return [
      [rows[0], columns[0]],
      [rows[0] + rows[1], columns[0] + columns[1]],
    ];
  }
  return [
    [0, 0],
    [0, 0],
  ];
}
