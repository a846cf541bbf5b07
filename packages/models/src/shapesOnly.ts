import * as tf from '@tensorflow/tfjs-core';

/** An engine without values: a tensor there is a shape, so that a forward pass of any size costs nothing. */
class ShapeBackend extends tf.KernelBackend {
  /** Tensors that hold each piece of data. */
  readonly #holders = new Map<tf.DataId, number>();

  override write(): tf.DataId {
    const id = {};
    this.#holders.set(id, 1);
    return id;
  }

  override move(id: tf.DataId): void {
    this.#holders.set(id, 1);
  }

  override incRef(id: tf.DataId): void {
    this.#holders.set(id, this.refCount(id) + 1);
  }

  override refCount(id: tf.DataId): number {
    return this.#holders.get(id) ?? 0;
  }

  override disposeData(id: tf.DataId, force = false): boolean {
    const left = force ? 0 : this.refCount(id) - 1;
    if (left > 0) this.#holders.set(id, left);
    else this.#holders.delete(id);
    return left <= 0;
  }

  override numDataIds(): number {
    return this.#holders.size;
  }

  override readSync(): never {
    throw new Error('shapesOnly: there are no values to read here, only shapes. Read them on a real engine.');
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }
}

type Outcome = Omit<tf.TensorInfo, 'dataId'>;
/** The shape of what comes out, float32, or each of several outputs. */
type ShapeRule = (shapes: number[][], attrs: tf.NamedAttrMap) => number[] | Outcome[];

const same: ShapeRule = ([x]) => x;
const resized: ShapeRule = ([x], {size}) => [x[0], ...(size as number[]), x[3]];
const broadcast: ShapeRule = ([a, b]) => tf.broadcast_util.assertAndGetBroadcastShape(a, b);

const convolved: ShapeRule = ([x, filter], attrs) => {
  const {strides, padding, dilations} = attrs as Record<string, number[]>;
  const sides = [0, 1].map(
    i =>
      Math.floor(
        (x[1 + i] + padding[2 * i] + padding[2 * i + 1] - dilations[i] * (filter[i] - 1) - 1) / strides[i],
      ) + 1,
  );
  return [x[0], ...sides, filter[3]];
};

const pool: ShapeRule = ([x], {filterSize, strides, pad, dimRoundingMode}) =>
  tf.backend_util.computePool2DInfo(
    x as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as number,
    dimRoundingMode as 'floor',
  ).outShape;

/** The kernels that the forward passes of models use, each by the shape of its result. */
const rules: Record<string, ShapeRule> = {
  [tf.Add]: broadcast,
  [tf.Sub]: broadcast,
  [tf.Multiply]: broadcast,
  [tf.RealDiv]: broadcast,
  [tf.Maximum]: broadcast,
  [tf.Relu]: same,
  [tf.Relu6]: same,
  [tf.LeakyRelu]: same,
  [tf.Prelu]: same,
  [tf.Elu]: same,
  [tf.Sigmoid]: same,
  [tf.Tanh]: same,
  [tf.Softmax]: same,
  [tf.Identity]: same,
  [tf.Cast]: same,
  AddRelu: same,
  BatchNormEval: same,
  LocalResponseNorm: same,
  [tf.MaxPool]: pool,
  [tf.AvgPool]: pool,
  [tf.Fill]: (_, {shape}) => shape as number[],
  [tf.Reshape]: ([x], {shape}) => tf.util.inferFromImplicitShape(shape as number[], tf.util.sizeFromShape(x)),
  [tf.Transpose]: ([x], {perm}) => (perm as number[]).map(axis => x[axis]),
  [tf.Reverse]: same,
  [tf.PadV2]: ([x], {paddings}) =>
    (paddings as number[][]).map(([before, after], axis) => before + x[axis] + after),
  [tf.Slice]: ([x], {begin, size}) =>
    tf.slice_util.parseSliceParams({shape: x} as tf.Tensor, begin as number[], size as number[])[1],
  [tf.GatherV2]: ([x, indices], {axis}) => x.toSpliced(axis as number, 1, ...indices),
  [tf.Concat]: (shapes, {axis}) =>
    tf.backend_util.computeOutShape(shapes, tf.util.parseAxisParam(axis as number, shapes[0])[0]),
  [tf.Mean]: ([x], {axis, keepDims}) => {
    const axes = tf.util.parseAxisParam(axis as number[], x);
    const [kept] = tf.backend_util.computeOutAndReduceShapes(x, axes);
    return keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
  },
  [tf.BatchMatMul]: ([a, b], {transposeA, transposeB}) => [
    ...tf.broadcast_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2)),
    a.at(transposeA ? -1 : -2)!,
    b.at(transposeB ? -2 : -1)!,
  ],
  Convolution: convolved,
  FusedConvolution: convolved,
  ConvolutionTranspose: (_, {outputShape}) => outputShape as number[],
  Resize2d: resized,
  [tf.ResizeNearestNeighbor]: resized,
  [tf.Tile]: ([x], {reps}) => x.map((size, axis) => size * (reps as number[])[axis]),
  [tf.SplitV]: ([x], {numOrSizeSplits, axis}) => {
    const [at] = tf.util.parseAxisParam(axis as number, x);
    const sizes = tf.backend_util.prepareSplitSize({shape: x} as tf.Tensor, numOrSizeSplits as number[], at);
    return sizes.map(size => ({shape: x.with(at, size), dtype: 'float32' as const}));
  },
  MaxUnpool: resized,
  MaxPoolSwitches([x], {outputSize}) {
    const shape = [x[0], ...(outputSize as number[]), x[3]];
    return [
      {shape, dtype: 'float32'},
      {shape, dtype: 'int32'},
    ];
  },
};

const isShape = (result: number[] | Outcome[]): result is number[] => typeof result[0] !== 'object';

const name = 'foveal-shapes';

function register(): void {
  tf.registerBackend(name, () => new ShapeBackend(), 0);
  for (const [kernelName, rule] of Object.entries(rules)) {
    const kernelFunc: tf.KernelFunc = ({inputs, attrs, backend}) => {
      const tensors = Object.values(inputs) as tf.TensorInfo[];
      const result = rule(
        tensors.map(tensor => tensor.shape),
        attrs ?? {},
      );
      const out = (outcome: Outcome) => ({dataId: (backend as ShapeBackend).write(), ...outcome});
      return isShape(result) ? out({shape: result, dtype: 'float32'}) : result.map(out);
    };
    tf.registerKernel({kernelName, backendName: name, kernelFunc});
  }
}

/**
 * Runs `f` with tensors that have shapes and no values: models of any size build and run in no time and no memory,
 * and parameters from outside can be used. Made for forward passes in evaluation; what else is asked for has no kernel
 * and says so. Tensors made inside must not leave; numbers and shapes may.
 *
 * @throws Error if a value is read.
 */
export function shapesOnly<
  T extends number | string | readonly unknown[] | Record<string, unknown> | undefined,
>(f: () => T): T {
  const engine = tf.engine();
  if (!tf.findBackend(name)) register();
  const before = engine.backendName;
  // For a backend that is at hand, setBackend is done when it returns: nothing else can run in between.
  void tf.setBackend(name);
  engine.startScope(name);
  try {
    return f();
  } finally {
    engine.endScope();
    void tf.setBackend(before);
  }
}
