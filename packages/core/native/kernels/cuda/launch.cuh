// How every kernel of ours is laid out: 64-bit grid-stride loops over as many blocks as keep a GPU busy.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>

namespace foveal {

constexpr int kThreads = 256;

/** More blocks than any GPU runs at once gain nothing: the loop strides over the rest. */
inline unsigned blocks_for(int64_t count, int64_t per_block = kThreads) {
  return static_cast<unsigned>(std::min<int64_t>((count + per_block - 1) / per_block, 1 << 16));
}

__device__ inline int64_t first_index() {
  return blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x;
}

__device__ inline int64_t index_step() { return static_cast<int64_t>(blockDim.x) * gridDim.x; }

}  // namespace foveal
