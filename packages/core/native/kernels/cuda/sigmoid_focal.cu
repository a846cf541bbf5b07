#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

__global__ void forward_kernel(const float* logits, const float* targets, int64_t count,
                               SigmoidFocalAttrs attrs, float* losses) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) losses[i] = focal_loss(logits[i], targets[i], attrs);
}

__global__ void backward_kernel(const float* dy, const float* logits, const float* targets, int64_t count,
                                SigmoidFocalAttrs attrs, float* dx) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step)
    dx[i] = dy[i] * focal_slope(logits[i], targets[i], attrs);
}

}  // namespace

void launch_sigmoid_focal(const float* logits, const float* targets, int64_t count, SigmoidFocalAttrs attrs,
                          float* losses, cudaStream_t stream) {
  if (count == 0) return;
  forward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(logits, targets, count, attrs, losses);
}

void launch_sigmoid_focal_grad(const float* dy, const float* logits, const float* targets, int64_t count,
                               SigmoidFocalAttrs attrs, float* dx, cudaStream_t stream) {
  if (count == 0) return;
  backward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(dy, logits, targets, count, attrs, dx);
}

}  // namespace foveal
