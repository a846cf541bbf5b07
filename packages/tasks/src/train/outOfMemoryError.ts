import * as tf from '@tensorflow/tfjs-core';

/** Not even one image fits into the memory beside the model. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
  /** Images that were tried last. */
  readonly batch: number;
  /** Bytes that all tensors held when it happened. */
  readonly memory: number;

  constructor(batch: number, shape: readonly number[], cause: unknown) {
    const memory = tf.memory().numBytes;
    super(
      `train: there is no memory for ${batch === 1 ? 'a single image' : `${batch} images`} of [${shape.slice(1)}] at ` +
        `once; tensors hold ${(memory / 2 ** 30).toFixed(2)} GiB, and the engine says: ${reason(cause)}. ` +
        'Use smaller images or a smaller model, freeze its first stages, or give the process more memory.',
      {cause},
    );
    this.batch = batch;
    this.memory = memory;
  }
}

/** Whether an engine failed for want of memory: libtorch on either device, wasm, or JavaScript itself. */
export function isOutOfMemory(error: unknown): boolean {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return /out of memory|can(no|')t allocate memory|allocation failed|bad_alloc|OutOfMemory|enlarge memory|Invalid (typed )?array (buffer )?length/i.test(
    text,
  );
}

// libtorch adds a page of C++ frames.
const reason = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].replace(/[.\s]+$/, '');
