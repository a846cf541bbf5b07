import * as tf from '@tensorflow/tfjs-core';
import {copyRun} from '../copyRun.js';
import {ints, wasmKernel} from '../wasmKernel.js';

/** Copies whole rows; the library looks up every value's index. */
export const gather = (stock: tf.KernelFunc) =>
  wasmKernel<Record<'x' | 'indices', tf.TensorInfo>, tf.GatherV2Attrs>(
    tf.GatherV2,
    (inputs, attrs, backend) => {
      const {x, indices} = inputs;
      if (x.dtype === 'string' || indices.dtype !== 'int32')
        return stock({inputs, attrs: {...attrs}, backend});
      const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0];
      const info = tf.backend_util.segment_util.collectGatherOpShapeInfo(
        x as tf.Tensor,
        indices as tf.Tensor,
        axis,
        attrs.batchDims ?? 0,
      );
      const out = backend.makeOutput(info.outputShape, x.dtype);
      const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
      const rows = ints(backend, indices);
      const {batchSize, outerSize, dimSize, sliceSize} = info;
      const count = rows.length / batchSize;
      let written = 0;
      for (let batch = 0; batch < batchSize; batch++) {
        for (let outer = 0; outer < outerSize; outer++) {
          for (let i = 0; i < count; i++, written += sliceSize) {
            const row = rows[batch * count + i];
            if (row < 0 || row >= dimSize) {
              throw new Error(`GatherV2: the index value ${row} is not in [0, ${dimSize - 1}]`);
            }
            copyRun(from, ((batch * outerSize + outer) * dimSize + row) * sliceSize, to, written, sliceSize);
          }
        }
      }
      return out;
    },
  );

/** The gradient of {@link gather}: rows of one number are added up. Rows of a negative number are dropped. */
export const unsortedSegmentSum = wasmKernel<
  Record<'x' | 'segmentIds', tf.TensorInfo>,
  tf.UnsortedSegmentSumAttrs
>(tf.UnsortedSegmentSum, ({x, segmentIds}, {numSegments}, backend) => {
  const inner = x.shape.slice(segmentIds.shape.length);
  const size = tf.util.sizeFromShape(inner);
  const out = backend.makeOutput([numSegments, ...inner], x.dtype);
  const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
  const rows = backend.typedArrayFromHeap(segmentIds);
  to.fill(0);
  for (let i = 0; i < rows.length; i++) {
    if (rows[i] < 0 || rows[i] >= numSegments) continue;
    const [start, target] = [i * size, rows[i] * size];
    for (let k = 0; k < size; k++) to[target + k] += from[start + k];
  }
  return out;
});
