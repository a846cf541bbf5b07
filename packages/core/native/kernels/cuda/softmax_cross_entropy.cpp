#include <tuple>

#include "../types.h"
#include "on_device.h"

namespace foveal {
namespace {

enum Reduction { kNone, kMean, kSum };

// Keeps what the raw pointers point into.
struct Inputs {
  Inputs(const Tensor& logits_, const Tensor& labels_, const OptionalTensor& weights_, int64_t ignore_index,
         double label_smoothing)
      : logits(logits_.contiguous()),
        labels(labels_.contiguous()),
        weights(weights_ ? weights_->contiguous() : Tensor()) {
    check_float("softmax_cross_entropy", logits, logits);
    TORCH_CHECK(logits.dim() == 2 && labels.dim() == 1 && labels.size(0) == logits.size(0) &&
                    labels.scalar_type() == at::kInt && labels.device() == logits.device(),
                "softmax_cross_entropy: expected logits [M, C] and int32 labels [M] on one device, got ",
                logits.sizes(), " and ", labels.scalar_type(), " ", labels.sizes());
    const int64_t classes = logits.size(1);
    if (weights.defined()) check_float("softmax_cross_entropy", weights, logits);
    TORCH_CHECK(!weights.defined() || weights.numel() == classes, "softmax_cross_entropy: expected ", classes,
                " class weights");
    problem = {logits.data_ptr<float>(),
               labels.data_ptr<int32_t>(),
               weights.defined() ? weights.data_ptr<float>() : nullptr,
               logits.size(0),
               classes,
               ignore_index,
               static_cast<float>(1 - label_smoothing),
               static_cast<float>(label_smoothing / classes)};
  }

  Tensor logits, labels, weights;
  CrossEntropyProblem problem;
};

// A label out of range makes the loss NaN: to say more would make the CPU wait for the device.
std::tuple<Tensor, Tensor> softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                 const OptionalTensor& weights, int64_t ignore_index,
                                                 double label_smoothing, int64_t reduction) {
  const OnDevice on(logits);
  const Inputs in(logits, labels, weights, ignore_index, label_smoothing);
  auto losses = at::empty({in.problem.rows}, in.logits.options()), kept = at::empty_like(losses);
  launch_softmax_cross_entropy(in.problem, losses.data_ptr<float>(), kept.data_ptr<float>(), on.stream);
  on.check_launch();
  const auto total_weight = at::sum(kept);
  if (reduction == kNone) return std::make_tuple(losses, total_weight);
  const auto loss = at::sum(losses);
  return std::make_tuple(reduction == kMean ? loss / total_weight : loss, total_weight);
}

Tensor softmax_cross_entropy_grad(const Tensor& dy_, const Tensor& logits, const Tensor& labels,
                                  const OptionalTensor& weights, const Tensor& total_weight,
                                  int64_t ignore_index, double label_smoothing, int64_t reduction) {
  const OnDevice on(logits);
  const Inputs in(logits, labels, weights, ignore_index, label_smoothing);
  check_float("softmax_cross_entropy_grad", dy_, logits);
  check_float("softmax_cross_entropy_grad", total_weight, logits);
  const auto dy = dy_.contiguous();
  TORCH_CHECK(dy.numel() == (reduction == kNone ? in.problem.rows : 1) && total_weight.numel() == 1,
              "softmax_cross_entropy_grad: expected dy of the loss's shape and a scalar total weight, got ",
              dy.sizes(), " and ", total_weight.sizes());
  auto dx = at::empty_like(in.logits);
  launch_softmax_cross_entropy_grad(in.problem, dy.data_ptr<float>(), reduction == kNone,
                                    reduction == kMean ? total_weight.data_ptr<float>() : nullptr,
                                    dx.data_ptr<float>(), on.stream);
  on.check_launch();
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("softmax_cross_entropy", &foveal::softmax_cross_entropy);
  m.impl("softmax_cross_entropy_grad", &foveal::softmax_cross_entropy_grad);
}
