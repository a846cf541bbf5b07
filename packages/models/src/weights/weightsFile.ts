/**
 * Types a tensor can have once it is read. Half, bfloat16 and double become `float32`; integers of up to 32 bits become
 * `int32`; 64-bit integers stay exact in a `Float64Array`, because a file with one beyond 2^53 is refused.
 */
export type WeightsData =
  | {dtype: 'float32'; data: Float32Array}
  | {dtype: 'int32'; data: Int32Array}
  | {dtype: 'int64'; data: Float64Array}
  | {dtype: 'bool'; data: Uint8Array};

/** One tensor of a weights file, contiguous, in the layout of the file (PyTorch's: filters are `[out, in, h, w]`). */
export type WeightsTensor = WeightsData & {shape: number[]};

/** What a weights file holds, whatever its format. */
export interface WeightsFile {
  /** Tensors by name, in the order of the file. */
  tensors: Map<string, WeightsTensor>;
  /** The strings stored beside the tensors: safetensors' `__metadata__`, or the numbers and strings beside a `state_dict`. */
  metadata: Record<string, string>;
}
