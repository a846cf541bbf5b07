#include "../sigmoid_focal.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

namespace foveal {
namespace {

using at::Tensor;

void check(const Tensor& logits, const Tensor& targets) {
  TORCH_CHECK(logits.scalar_type() == at::kFloat && targets.scalar_type() == at::kFloat &&
                  logits.sizes() == targets.sizes(),
              "sigmoid_focal: expected float32 logits and targets of one shape, got ", logits.sizes(),
              " and ", targets.sizes());
}

Tensor sigmoid_focal(const Tensor& logits_, const Tensor& targets_, double alpha, double gamma) {
  check(logits_, targets_);
  const auto logits = logits_.contiguous(), targets = targets_.contiguous();
  const SigmoidFocalAttrs attrs{static_cast<float>(alpha), static_cast<float>(gamma)};
  auto losses = at::empty_like(logits);
  const float *x = logits.data_ptr<float>(), *target = targets.data_ptr<float>();
  float* loss = losses.data_ptr<float>();
  at::parallel_for(0, logits.numel(), 4096, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) loss[i] = focal_loss(x[i], target[i], attrs);
  });
  return losses;
}

Tensor sigmoid_focal_grad(const Tensor& dy_, const Tensor& logits_, const Tensor& targets_, double alpha,
                          double gamma) {
  check(logits_, targets_);
  check(dy_, targets_);
  const auto dy = dy_.contiguous(), logits = logits_.contiguous(), targets = targets_.contiguous();
  const SigmoidFocalAttrs attrs{static_cast<float>(alpha), static_cast<float>(gamma)};
  auto dx = at::empty_like(logits);
  const float *upstream = dy.data_ptr<float>(), *x = logits.data_ptr<float>();
  const float* target = targets.data_ptr<float>();
  float* to = dx.data_ptr<float>();
  at::parallel_for(0, logits.numel(), 4096, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = upstream[i] * focal_slope(x[i], target[i], attrs);
  });
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("sigmoid_focal", &foveal::sigmoid_focal);
  m.impl("sigmoid_focal_grad", &foveal::sigmoid_focal_grad);
}
