#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

// k + alpha / size * Σ x² over the window of element i, which is channel c of its pixel.
__device__ float base_at(const float* x, int64_t i, int64_t c, int64_t channels,
                         const LocalResponseNormAttrs& attrs) {
  const int64_t begin = c < attrs.before() ? -c : -attrs.before();
  const int64_t end = c + attrs.after() < channels ? attrs.after() : channels - 1 - c;
  float squares = 0;
  for (int64_t offset = begin; offset <= end; ++offset) squares += x[i + offset] * x[i + offset];
  return attrs.base(squares);
}

__global__ void forward_kernel(const float* x, int64_t count, int64_t channels, LocalResponseNormAttrs attrs,
                               float* y) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step)
    y[i] = x[i] * powf(base_at(x, i, i % channels, channels, attrs), -attrs.beta);
}

// dy x base^(-beta - 1): what each output hands to every input of its window.
__global__ void product_kernel(const float* dy, const float* x, int64_t count, int64_t channels,
                               LocalResponseNormAttrs attrs, float* product) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step)
    product[i] = dy[i] * x[i] * powf(base_at(x, i, i % channels, channels, attrs), -attrs.beta - 1);
}

// The windows that hold channel c are centred from c - after to c + before.
__global__ void backward_kernel(const float* dy, const float* x, const float* product, int64_t count,
                                int64_t channels, LocalResponseNormAttrs attrs, float* dx) {
  const int64_t step = index_step();
  const float slope = 2 * attrs.alpha * attrs.beta / attrs.size;
  for (int64_t i = first_index(); i < count; i += step) {
    const int64_t c = i % channels;
    const int64_t begin = c < attrs.after() ? -c : -attrs.after();
    const int64_t end = c + attrs.before() < channels ? attrs.before() : channels - 1 - c;
    float sum = 0;
    for (int64_t offset = begin; offset <= end; ++offset) sum += product[i + offset];
    dx[i] = dy[i] * powf(base_at(x, i, c, channels, attrs), -attrs.beta) - slope * x[i] * sum;
  }
}

}  // namespace

void launch_local_response_norm(const float* x, int64_t pixels, int64_t channels,
                                LocalResponseNormAttrs attrs, float* y, cudaStream_t stream) {
  const int64_t count = pixels * channels;
  if (count == 0) return;
  forward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(x, count, channels, attrs, y);
}

void launch_local_response_norm_grad(const float* dy, const float* x, int64_t pixels, int64_t channels,
                                     LocalResponseNormAttrs attrs, float* product, float* dx,
                                     cudaStream_t stream) {
  const int64_t count = pixels * channels;
  if (count == 0) return;
  product_kernel<<<blocks_for(count), kThreads, 0, stream>>>(dy, x, count, channels, attrs, product);
  backward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(dy, x, product, count, channels, attrs, dx);
}

}  // namespace foveal
