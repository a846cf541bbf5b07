#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

// One thread per Philox counter, which decides four elements.
__global__ void dropout_kernel(const float* x, int64_t count, DropoutAttrs attrs, float* y) {
  const int64_t step = index_step(), groups = (count + 3) / 4;
  for (int64_t group = first_index(); group < groups; group += step) {
    uint32_t bits[4][1];
    philox4x32(group, attrs.seed, bits);
    for (int word = 0; word < 4; ++word) {
      const int64_t i = 4 * group + word;
      if (i < count) y[i] = attrs.apply(x[i], bits[word][0]);
    }
  }
}

}  // namespace

void launch_dropout(const float* x, int64_t count, DropoutAttrs attrs, float* y, cudaStream_t stream) {
  if (count == 0) return;
  dropout_kernel<<<blocks_for((count + 3) / 4), kThreads, 0, stream>>>(x, count, attrs, y);
}

}  // namespace foveal
