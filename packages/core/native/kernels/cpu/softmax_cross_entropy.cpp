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
    all_weights = 0;
    for (int64_t c = 0; c < classes; ++c) all_weights += weight_of(c);
  }

  bool ignored(int64_t row) const { return label[row] == ignore_index; }
  float weight_of(int64_t c) const { return weight ? weight[c] : 1; }

  Tensor logits, labels, weights;
  int64_t ignore_index, rows, classes;
  const float *z, *weight;
  const int32_t* label;
  // The target is sharp at the label plus smooth everywhere, each times its class's weight.
  float sharp, smooth, all_weights;
};

// One row of logits in scratch memory, made up to whole vectors with what the softmax does not see: the
// classes of a segmentation are few, and a loop's scalar rest would cost more than its vectors.
struct Row {
  static constexpr int64_t kVector = 16;

  explicit Row(int64_t classes)
      : classes(classes), padded((classes + kVector - 1) / kVector * kVector), values(padded, kUnseen) {}

  /** Takes a row; returns its maximum. */
  float load(const float* z) {
    std::copy(z, z + classes, values.data());
    std::fill(values.begin() + classes, values.end(), kUnseen);
    const float* v = values.data();
    float top = kUnseen;
#pragma omp simd reduction(max : top)
    for (int64_t c = 0; c < padded; ++c) top = v[c] > top ? v[c] : top;
    return top;
  }

  /** Replaces z by exp(z - top); returns the sum. */
  float exponentiate(float top) {
    float* v = values.data();
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t c = 0; c < padded; ++c) sum += v[c] = fast_exp(v[c] - top);
    return sum;
  }

  static constexpr float kUnseen = -std::numeric_limits<float>::max();
  int64_t classes, padded;
  std::vector<float> values;
};

// Σ weight (top - z), which label smoothing spreads over the classes.
float gap(const float* z, const float* weight, float top, int64_t classes) {
  float sum = 0;
  if (weight) {
#pragma omp simd reduction(+ : sum)
    for (int64_t c = 0; c < classes; ++c) sum += weight[c] * (top - z[c]);
  } else {
#pragma omp simd reduction(+ : sum)
    for (int64_t c = 0; c < classes; ++c) sum += top - z[c];
  }
  return sum;
}

double total(const std::vector<float>& values) { return std::accumulate(values.begin(), values.end(), 0.); }

std::tuple<Tensor, Tensor> softmax_cross_entropy(const Tensor& logits, const Tensor& labels,
                                                 const OptionalTensor& weights, int64_t ignore_index,
                                                 double label_smoothing, int64_t reduction) {
  const Problem p(logits, labels, weights, ignore_index, label_smoothing);
  std::vector<float> losses(p.rows), kept(p.rows);
  at::parallel_for(0, p.rows, 1 + 8192 / (p.classes + 1), [&](int64_t begin, int64_t end) {
    Row row(p.classes);
    for (int64_t i = begin; i < end; ++i) {
      if (p.ignored(i)) continue;
      const float* z = p.z + i * p.classes;
      const float top = row.load(z), log_sum = std::log(row.exponentiate(top));
      kept[i] = p.weight_of(p.label[i]);
      losses[i] = p.sharp * kept[i] * (log_sum + (top - z[p.label[i]]));
      if (p.smooth != 0) losses[i] += p.smooth * (p.all_weights * log_sum + gap(z, p.weight, top, p.classes));
    }
  });
  const double total_weight = total(kept);
  const auto scalar = [&](double value) {
    auto x = at::empty({}, p.logits.options());
    *x.data_ptr<float>() = static_cast<float>(value);
    return x;
  };
  if (reduction != kNone)
    return std::make_tuple(scalar(total(losses) / (reduction == kMean ? total_weight : 1)),
                           scalar(total_weight));
  auto loss = at::empty({p.rows}, p.logits.options());
  std::copy(losses.begin(), losses.end(), loss.data_ptr<float>());
  return std::make_tuple(loss, scalar(total_weight));
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
  auto dx = at::empty_like(p.logits);
  float* to = dx.data_ptr<float>();
  at::parallel_for(0, p.rows, 1 + 8192 / (p.classes + 1), [&](int64_t begin, int64_t end) {
    Row row(p.classes);
    for (int64_t i = begin; i < end; ++i) {
      float* d = to + i * p.classes;
      if (p.ignored(i)) {
        std::fill(d, d + p.classes, 0.f);
        continue;
      }
      const float sum = row.exponentiate(row.load(p.z + i * p.classes));
      const float scale = upstream[reduction == kNone ? i : 0] * share, smooth = scale * p.smooth;
      const float sharp = p.sharp * p.weight_of(p.label[i]);
      const float factor = scale * (sharp + p.smooth * p.all_weights) / sum;
      const float *v = row.values.data(), *w = p.weight;
      if (w) {
#pragma omp simd
        for (int64_t c = 0; c < p.classes; ++c) d[c] = v[c] * factor - smooth * w[c];
      } else {
#pragma omp simd
        for (int64_t c = 0; c < p.classes; ++c) d[c] = v[c] * factor - smooth;
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
