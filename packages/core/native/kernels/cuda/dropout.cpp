#include "on_device.h"

namespace foveal {
namespace {

Tensor dropout(const Tensor& x_, double rate, int64_t seed) {
  check_float("dropout", x_, x_);
  TORCH_CHECK(rate >= 0 && rate <= 1, "dropout: expected a rate in [0, 1], got ", rate);
  const OnDevice on(x_);
  const auto x = x_.contiguous();
  const DropoutAttrs attrs(rate, seed);
  if (attrs.drops_all()) return at::zeros_like(x);
  auto y = at::empty_like(x);
  launch_dropout(x.data_ptr<float>(), x.numel(), attrs, y.data_ptr<float>(), on.stream);
  on.check_launch();
  return y;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) { m.impl("dropout", &foveal::dropout); }
