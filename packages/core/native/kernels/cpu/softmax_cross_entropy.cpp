#include <ATen/ATen.h>
#include <torch/library.h>

#include <tuple>

#include "../types.h"

namespace foveal {
namespace {

std::tuple<Tensor, Tensor> softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                 const OptionalTensor& weights, int64_t ignore_index,
                                                 double label_smoothing, int64_t reduction) {
  const auto wide = labels.to(at::kLong);
  const auto loss = at::cross_entropy_loss(logits, wide, weights, reduction, ignore_index, label_smoothing);
  const auto kept = wide.ne(ignore_index);
  const auto total =
      weights ? at::sum(weights->index_select(0, wide.masked_select(kept))) : at::sum(kept).to(at::kFloat);
  return std::make_tuple(loss, total);
}

Tensor softmax_cross_entropy_grad(const Tensor& dy, const Tensor& logits, const Tensor& labels,
                                  const OptionalTensor& weights, const Tensor& total_weight,
                                  int64_t ignore_index, double label_smoothing, int64_t reduction) {
  const int64_t classes = logits.size(1);
  const auto wide = labels.to(at::kLong);
  const auto kept = wide.ne(ignore_index).to(at::kFloat).unsqueeze(1);
  const auto w = weights ? *weights : at::ones({classes}, logits.options());
  auto target = at::one_hot(wide.clamp(0, classes - 1), classes).to(at::kFloat);
  target = (target * (1 - label_smoothing) + label_smoothing / classes) * w * kept;
  auto d = at::softmax(logits, 1) * at::sum(target, {1}, true) - target;
  if (reduction == 1) d = d / total_weight;
  return d * (reduction == 0 ? dy.unsqueeze(1) : dy);
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("softmax_cross_entropy", &foveal::softmax_cross_entropy);
  m.impl("softmax_cross_entropy_grad", &foveal::softmax_cross_entropy_grad);
}
