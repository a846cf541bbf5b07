#include "on_device.h"

namespace foveal {
namespace {

void check(const Tensor& logits, const Tensor& other) {
  check_float("sigmoid_focal", logits, logits);
  check_float("sigmoid_focal", other, logits);
  TORCH_CHECK(logits.sizes() == other.sizes(),
              "sigmoid_focal: expected logits and targets of one shape, got ", logits.sizes(), " and ",
              other.sizes());
}

Tensor sigmoid_focal(const Tensor& logits_, const Tensor& targets_, double alpha, double gamma) {
  check(logits_, targets_);
  const OnDevice on(logits_);
  const auto logits = logits_.contiguous(), targets = targets_.contiguous();
  auto losses = at::empty_like(logits);
  launch_sigmoid_focal(logits.data_ptr<float>(), targets.data_ptr<float>(), logits.numel(),
                       {static_cast<float>(alpha), static_cast<float>(gamma)}, losses.data_ptr<float>(),
                       on.stream);
  on.check_launch();
  return losses;
}

Tensor sigmoid_focal_grad(const Tensor& dy_, const Tensor& logits_, const Tensor& targets_, double alpha,
                          double gamma) {
  check(logits_, targets_);
  check(logits_, dy_);
  const OnDevice on(logits_);
  const auto dy = dy_.contiguous(), logits = logits_.contiguous(), targets = targets_.contiguous();
  auto dx = at::empty_like(logits);
  launch_sigmoid_focal_grad(dy.data_ptr<float>(), logits.data_ptr<float>(), targets.data_ptr<float>(),
                            logits.numel(), {static_cast<float>(alpha), static_cast<float>(gamma)},
                            dx.data_ptr<float>(), on.stream);
  on.check_launch();
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("sigmoid_focal", &foveal::sigmoid_focal);
  m.impl("sigmoid_focal_grad", &foveal::sigmoid_focal_grad);
}
