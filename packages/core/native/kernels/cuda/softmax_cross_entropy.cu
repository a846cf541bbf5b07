#include <cfloat>

#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

constexpr int kWarp = 32, kWarps = kThreads / kWarp;
constexpr unsigned kAll = 0xffffffffu;

__device__ float warp_sum(float x) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) x += __shfl_xor_sync(kAll, x, offset);
  return x;
}

// NaN wins, so that it reaches the loss.
__device__ float warp_max(float x) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    const float other = __shfl_xor_sync(kAll, x, offset);
    x = other > x || other != other ? other : x;
  }
  return x;
}

struct Softmax {
  float top, sum;
};

// One warp reads one row; every lane gets the result.
__device__ Softmax softmax_of(const float* z, int64_t classes, int lane) {
  float top = -FLT_MAX, sum = 0;
  for (int64_t c = lane; c < classes; c += kWarp) top = z[c] > top || z[c] != z[c] ? z[c] : top;
  top = warp_max(top);
  for (int64_t c = lane; c < classes; c += kWarp) sum += expf(z[c] - top);
  return {top, warp_sum(sum)};
}

__device__ float weight_of(const CrossEntropyProblem& p, int64_t c) { return p.weights ? p.weights[c] : 1; }

__device__ bool exists(const CrossEntropyProblem& p, int64_t label) {
  return label >= 0 && label < p.classes;
}

__global__ void forward_kernel(CrossEntropyProblem p, float* losses, float* kept) {
  const int lane = threadIdx.x % kWarp;
  const int64_t step = static_cast<int64_t>(gridDim.x) * kWarps;
  for (int64_t row = blockIdx.x * static_cast<int64_t>(kWarps) + threadIdx.x / kWarp; row < p.rows;
       row += step) {
    const int64_t label = p.labels[row];
    const bool ignored = label == p.ignore_index;
    float loss = ignored ? 0 : nanf(""), weight = loss;
    if (!ignored && exists(p, label)) {
      const float* z = p.logits + row * p.classes;
      const Softmax s = softmax_of(z, p.classes, lane);
      const float log_sum = logf(s.sum);
      weight = weight_of(p, label);
      loss = p.sharp * weight * (log_sum + (s.top - z[label]));
      if (p.smooth != 0) {
        float spread = 0;
        for (int64_t c = lane; c < p.classes; c += kWarp)
          spread += weight_of(p, c) * (log_sum + (s.top - z[c]));
        loss += p.smooth * warp_sum(spread);
      }
    }
    if (lane == 0) losses[row] = loss, kept[row] = weight;
  }
}

__global__ void backward_kernel(CrossEntropyProblem p, const float* dy, bool dy_per_row,
                                const float* total_weight, float* dx) {
  const int lane = threadIdx.x % kWarp;
  const int64_t step = static_cast<int64_t>(gridDim.x) * kWarps;
  for (int64_t row = blockIdx.x * static_cast<int64_t>(kWarps) + threadIdx.x / kWarp; row < p.rows;
       row += step) {
    const int64_t label = p.labels[row];
    float* d = dx + row * p.classes;
    if (label == p.ignore_index || !exists(p, label)) {
      const float fill = label == p.ignore_index ? 0 : nanf("");
      for (int64_t c = lane; c < p.classes; c += kWarp) d[c] = fill;
      continue;
    }
    const float* z = p.logits + row * p.classes;
    const Softmax s = softmax_of(z, p.classes, lane);
    const float scale = dy[dy_per_row ? row : 0] / (total_weight ? *total_weight : 1);
    const float sharp = p.sharp * weight_of(p, label);
    float target = sharp;
    if (p.smooth != 0) {
      float sum = 0;
      for (int64_t c = lane; c < p.classes; c += kWarp) sum += weight_of(p, c);
      target += p.smooth * warp_sum(sum);
    }
    for (int64_t c = lane; c < p.classes; c += kWarp) {
      const float aim = p.smooth * weight_of(p, c) + (c == label ? sharp : 0);
      d[c] = scale * (expf(z[c] - s.top) / s.sum * target - aim);
    }
  }
}

}  // namespace

void launch_softmax_cross_entropy(CrossEntropyProblem problem, float* losses, float* kept,
                                  cudaStream_t stream) {
  if (problem.rows == 0) return;
  forward_kernel<<<blocks_for(problem.rows, kWarps), kThreads, 0, stream>>>(problem, losses, kept);
}

void launch_softmax_cross_entropy_grad(CrossEntropyProblem problem, const float* dy, bool dy_per_row,
                                       const float* total_weight, float* dx, cudaStream_t stream) {
  if (problem.rows == 0 || problem.classes == 0) return;
  backward_kernel<<<blocks_for(problem.rows, kWarps), kThreads, 0, stream>>>(problem, dy, dy_per_row,
                                                                             total_weight, dx);
}

}  // namespace foveal
