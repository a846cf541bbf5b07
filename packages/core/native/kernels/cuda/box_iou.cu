#include "../boxes.h"
#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

__global__ void overlap_kernel(const float* a, const float* b, int64_t columns, int64_t count,
                               float* overlaps) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) {
    const float *p = a + i / columns * 4, *q = b + i % columns * 4;
    overlaps[i] = box_overlap(p[0], p[1], p[2], p[3], box_area(p[0], p[1], p[2], p[3]), q[0], q[1], q[2],
                              q[3], box_area(q[0], q[1], q[2], q[3]));
  }
}

}  // namespace

void launch_box_iou(const float* a, int64_t rows, const float* b, int64_t columns, float* overlaps,
                    cudaStream_t stream) {
  const int64_t count = rows * columns;
  if (count == 0) return;
  overlap_kernel<<<blocks_for(count), kThreads, 0, stream>>>(a, b, columns, count, overlaps);
}

}  // namespace foveal
