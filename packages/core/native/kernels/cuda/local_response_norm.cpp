#include "on_device.h"

namespace foveal {
namespace {

LocalResponseNormAttrs attributes(const Tensor& x, int64_t size, double alpha, double beta, double k) {
  check_float("local_response_norm", x, x);
  TORCH_CHECK(x.dim() > 0 && size > 0,
              "local_response_norm: expected [..., C] and a window of at least 1, got ", x.sizes(), " and ",
              size);
  return {size, static_cast<float>(alpha), static_cast<float>(beta), static_cast<float>(k)};
}

int64_t pixels_of(const Tensor& x) { return x.size(-1) ? x.numel() / x.size(-1) : 0; }

Tensor local_response_norm(const Tensor& x_, int64_t size, double alpha, double beta, double k) {
  const auto attrs = attributes(x_, size, alpha, beta, k);
  const OnDevice on(x_);
  const auto x = x_.contiguous();
  auto y = at::empty_like(x);
  launch_local_response_norm(x.data_ptr<float>(), pixels_of(x), x.size(-1), attrs, y.data_ptr<float>(),
                             on.stream);
  on.check_launch();
  return y;
}

Tensor local_response_norm_grad(const Tensor& dy_, const Tensor& x_, int64_t size, double alpha, double beta,
                                double k) {
  const auto attrs = attributes(x_, size, alpha, beta, k);
  check_float("local_response_norm_grad", dy_, x_);
  TORCH_CHECK(dy_.sizes() == x_.sizes(), "local_response_norm_grad: expected dy ", x_.sizes(), ", got ",
              dy_.sizes());
  const OnDevice on(x_);
  const auto dy = dy_.contiguous(), x = x_.contiguous();
  auto dx = at::empty_like(x), product = at::empty_like(x);
  launch_local_response_norm_grad(dy.data_ptr<float>(), x.data_ptr<float>(), pixels_of(x), x.size(-1), attrs,
                                  product.data_ptr<float>(), dx.data_ptr<float>(), on.stream);
  on.check_launch();
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("local_response_norm", &foveal::local_response_norm);
  m.impl("local_response_norm_grad", &foveal::local_response_norm_grad);
}
