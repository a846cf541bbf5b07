import {fallbacks as torchFallbacks} from './torch/fallback.js';
import {wasmFallbacks} from './wasm/cpuFallback.js';

/**
 * How often each kernel of the `torch` and `wasm` engines ran on tfjs's plain JavaScript kernels instead of its own:
 * a round trip through this process's memory each time, at 1 GFLOP/s. No model of ours causes any.
 *
 * @returns by kernel name; empty if there was none.
 */
export function fallbacks(): Record<string, number> {
  const counts = {...torchFallbacks()};
  for (const [kernel, count] of Object.entries(wasmFallbacks()))
    counts[kernel] = (counts[kernel] ?? 0) + count;
  return counts;
}
