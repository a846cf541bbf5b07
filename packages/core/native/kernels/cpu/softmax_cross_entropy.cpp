// torch.nn.functional.cross_entropy, forward and backward, each in one pass over the logits.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

#include "../types.h"
#include "vector_math.h"

namespace foveal {
namespace {

enum Reduction { kNone, kMean, kSum };

struct Problem {
  Problem(const Tensor& logits_, const Tensor& labels_, const OptionalTensor& weights_, int64_t ignore_index,
          double label_smoothing)
      : logits(logits_.contiguous()),
        labels(labels_.contiguous()),
        weights(weights_ ? weights_->contiguous() : Tensor()),
        ignore_index(ignore_index) {
    TORCH_CHECK(logits.dim() == 2 && labels.dim() == 1 && labels.size(0) == logits.size(0),
                "softmax_cross_entropy: expected logits [M, C] and labels [M], got ", logits.sizes(), " and ",
                labels.sizes());
    TORCH_CHECK(logits.scalar_type() == at::kFloat && labels.scalar_type() == at::kInt,
                "softmax_cross_entropy: expected float32 logits and int32 labels, got ", logits.scalar_type(),
                " and ", labels.scalar_type());
    rows = logits.size(0), classes = logits.size(1);
    TORCH_CHECK(!weights.defined() || (weights.scalar_type() == at::kFloat && weights.numel() == classes),
                "softmax_cross_entropy: expected ", classes, " float32 class weights");
    z = logits.data_ptr<float>();
    label = labels.data_ptr<int32_t>();
    weight = weights.defined() ? weights.data_ptr<float>() : nullptr;
    for (int64_t i = 0; i < rows; ++i)
      TORCH_CHECK(ignored(i) || (label[i] >= 0 && label[i] < classes), "softmax_cross_entropy: label ",
                  label[i], " at position ", i, " is outside [0, ", classes, ") and is not the ignored ",
                  ignore_index);
    smooth = static_cast<float>(label_smoothing / classes);
    sharp = static_cast<float>(1 - label_smoothing);
  }

  bool ignored(int64_t row) const { return label[row] == ignore_index; }
  float weight_of(int64_t c) const { return weight ? weight[c] : 1; }

  Tensor logits, labels, weights;
  int64_t ignore_index, rows, classes;
  const float *z, *weight;
  const int32_t* label;
  // The target is sharp at the label plus smooth everywhere, each times its class's weight.
  float sharp, smooth;
};

float max_of(const float* z, int64_t n) {
  float top = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : top)
  for (int64_t c = 0; c < n; ++c) top = z[c] > top ? z[c] : top;
  return top;
}

float exp_sum(const float* z, float top, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < n; ++c) sum += fast_exp(z[c] - top);
  return sum;
}

double total(const std::vector<float>& values) { return std::accumulate(values.begin(), values.end(), 0.); }

std::tuple<Tensor, Tensor> softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                 const OptionalTensor& weights, int64_t ignore_index,
                                                 double label_smoothing, int64_t reduction) {
  const Problem p(logits, labels, weights, ignore_index, label_smoothing);
  std::vector<float> losses(p.rows), kept(p.rows);
  at::parallel_for(0, p.rows, 1 + 8192 / (p.classes + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (p.ignored(i)) continue;
      const float *z = p.z + i * p.classes, *w = p.weight;
      const float top = max_of(z, p.classes), log_sum = std::log(exp_sum(z, top, p.classes));
      kept[i] = p.weight_of(p.label[i]);
      losses[i] = p.sharp * kept[i] * (log_sum - (z[p.label[i]] - top));
      if (p.smooth == 0) continue;
      float spread = 0;
      if (w) {
#pragma omp simd reduction(+ : spread)
        for (int64_t c = 0; c < p.classes; ++c) spread += w[c] * (log_sum - (z[c] - top));
      } else {
#pragma omp simd reduction(+ : spread)
        for (int64_t c = 0; c < p.classes; ++c) spread += log_sum - (z[c] - top);
      }
      losses[i] += p.smooth * spread;
    }
  });
  const double total_weight = total(kept);
  auto loss = at::empty(reduction == kNone ? at::IntArrayRef(p.rows) : at::IntArrayRef(), p.logits.options());
  if (reduction == kNone)
    std::copy(losses.begin(), losses.end(), loss.data_ptr<float>());
  else
    loss.fill_(total(losses) / (reduction == kMean ? total_weight : 1));
  return std::make_tuple(loss, at::full({}, total_weight, p.logits.options()));
}

Tensor softmax_cross_entropy_grad(const Tensor& dy_, const Tensor& logits, const Tensor& labels,
                                  const OptionalTensor& weights, const Tensor& total_weight,
                                  int64_t ignore_index, double label_smoothing, int64_t reduction) {
  const Problem p(logits, labels, weights, ignore_index, label_smoothing);
  const auto dy = dy_.contiguous();
  TORCH_CHECK(dy.scalar_type() == at::kFloat && dy.numel() == (reduction == kNone ? p.rows : 1),
              "softmax_cross_entropy_grad: expected dy of the loss's shape, got ", dy.sizes());
  TORCH_CHECK(total_weight.scalar_type() == at::kFloat && total_weight.numel() == 1,
              "softmax_cross_entropy_grad: expected a scalar total weight, got ", total_weight.sizes());
  const float* upstream = dy.data_ptr<float>();
  const float share = reduction == kMean ? 1 / *total_weight.data_ptr<float>() : 1;
  double spread = 0;
  for (int64_t c = 0; c < p.classes; ++c) spread += p.smooth * p.weight_of(c);

  auto dx = at::empty_like(p.logits);
  float* to = dx.data_ptr<float>();
  at::parallel_for(0, p.rows, 1 + 8192 / (p.classes + 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float *z = p.z + i * p.classes, *w = p.weight;
      float* d = to + i * p.classes;
      if (p.ignored(i)) {
        std::fill(d, d + p.classes, 0.f);
        continue;
      }
      const float top = max_of(z, p.classes);
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t c = 0; c < p.classes; ++c) sum += d[c] = fast_exp(z[c] - top);
      const float scale = upstream[reduction == kNone ? i : 0] * share;
      const float sharp = p.sharp * p.weight_of(p.label[i]);
      const float factor = scale * (sharp + static_cast<float>(spread)) / sum, smooth = scale * p.smooth;
      if (w) {
#pragma omp simd
        for (int64_t c = 0; c < p.classes; ++c) d[c] = d[c] * factor - smooth * w[c];
      } else {
#pragma omp simd
        for (int64_t c = 0; c < p.classes; ++c) d[c] = d[c] * factor - smooth;
      }
      d[p.label[i]] -= scale * sharp;
    }
  });
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("softmax_cross_entropy", &foveal::softmax_cross_entropy);
  m.impl("softmax_cross_entropy_grad", &foveal::softmax_cross_entropy_grad);
}
