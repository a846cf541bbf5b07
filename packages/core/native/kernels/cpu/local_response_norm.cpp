#include <ATen/ATen.h>
#include <torch/library.h>

namespace foveal {
namespace {

using at::Tensor;

// Σ over the window of size channels around each, `before` of them ahead of it.
Tensor window_sum(const Tensor& x, int64_t size, int64_t before) {
  return at::constant_pad_nd(x, {before, size - 1 - before}).unfold(-1, size, 1).sum(-1);
}

Tensor local_response_norm(const Tensor& x, int64_t size, double alpha, double beta, double k) {
  return x * (window_sum(x * x, size, size / 2) * (alpha / size) + k).pow(-beta);
}

Tensor local_response_norm_grad(const Tensor& dy, const Tensor& x, int64_t size, double alpha, double beta,
                                double k) {
  const auto d = window_sum(x * x, size, size / 2) * (alpha / size) + k;
  const auto spread = window_sum(dy * x * d.pow(-beta - 1), size, (size - 1) / 2);
  return dy * d.pow(-beta) - x * spread * (2 * alpha * beta / size);
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("local_response_norm", &foveal::local_response_norm);
  m.impl("local_response_norm_grad", &foveal::local_response_norm_grad);
}
