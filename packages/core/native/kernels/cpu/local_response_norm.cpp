#include "../local_response_norm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "vector_math.h"

namespace foveal {
namespace {

using at::Tensor;

// base^-beta for a whole row; AlexNet's 0.75 and the plain roots need no logarithm.
void powers(const float* base, float beta, int64_t n, float* __restrict out) {
  if (beta == 0.75f) {
#pragma omp simd
    for (int64_t c = 0; c < n; ++c) {
      const float root = std::sqrt(base[c]);
      out[c] = 1 / (root * std::sqrt(root));
    }
  } else if (beta == 0.5f) {
#pragma omp simd
    for (int64_t c = 0; c < n; ++c) out[c] = 1 / std::sqrt(base[c]);
  } else if (beta == 1) {
#pragma omp simd
    for (int64_t c = 0; c < n; ++c) out[c] = 1 / base[c];
  } else {
#pragma omp simd
    for (int64_t c = 0; c < n; ++c) out[c] = fast_exp(-beta * fast_log(base[c]));
  }
}

// A row of channels between zeros, as many as any window reaches over the edge.
struct PaddedRow {
  PaddedRow(int64_t channels, int64_t margin)
      : values(channels + 2 * margin), start(values.data() + margin) {}

  /** out[c] = Σ of values[c - before] … values[c + after] */
  void window_sums(int64_t before, int64_t after, int64_t channels, float* __restrict out) const {
    std::fill(out, out + channels, 0.f);
    for (int64_t offset = -before; offset <= after; ++offset) {
      const float* from = start + offset;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) out[c] += from[c];
    }
  }

  std::vector<float> values;
  float* start;
};

// Calls visit(x, base, power, row) for each pixel, with base = k + alpha / size * Σ x² and power =
// base^-beta.
template <typename Visit>
void for_each_pixel(const Tensor& x, const LocalResponseNormAttrs& attrs, Visit visit) {
  TORCH_CHECK(x.scalar_type() == at::kFloat && x.dim() > 0 && attrs.size > 0,
              "local_response_norm: expected float32 [..., C] and a window of at least 1, got ",
              x.scalar_type(), " ", x.sizes(), " and ", attrs.size);
  const int64_t channels = x.size(-1), pixels = channels ? x.numel() / channels : 0;
  const float* from = x.data_ptr<float>();
  at::parallel_for(0, pixels, 1 + 4096 / (channels + 1), [&](int64_t begin, int64_t end) {
    PaddedRow squares(channels, attrs.size);
    std::vector<float> base(channels), power(channels);
    for (int64_t pixel = begin; pixel < end; ++pixel) {
      const float* row = from + pixel * channels;
      float *square = squares.start, *bases = base.data();
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) square[c] = row[c] * row[c];
      squares.window_sums(attrs.before(), attrs.after(), channels, bases);
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) bases[c] = attrs.base(bases[c]);
      powers(bases, attrs.beta, channels, power.data());
      visit(row, bases, power.data(), pixel * channels, squares);
    }
  });
}

LocalResponseNormAttrs attributes(int64_t size, double alpha, double beta, double k) {
  return {size, static_cast<float>(alpha), static_cast<float>(beta), static_cast<float>(k)};
}

Tensor local_response_norm(const Tensor& x_, int64_t size, double alpha, double beta, double k) {
  const auto x = x_.contiguous();
  auto y = at::empty_like(x);
  float* out = y.data_ptr<float>();
  const int64_t channels = x.dim() ? x.size(-1) : 0;
  for_each_pixel(x, attributes(size, alpha, beta, k),
                 [&](const float* row, const float*, const float* power, int64_t first, PaddedRow&) {
                   float* to = out + first;
#pragma omp simd
                   for (int64_t c = 0; c < channels; ++c) to[c] = row[c] * power[c];
                 });
  return y;
}

Tensor local_response_norm_grad(const Tensor& dy_, const Tensor& x_, int64_t size, double alpha, double beta,
                                double k) {
  const auto dy = dy_.contiguous(), x = x_.contiguous();
  TORCH_CHECK(dy.scalar_type() == at::kFloat && dy.sizes() == x.sizes(),
              "local_response_norm_grad: expected dy float32 ", x.sizes(), ", got ", dy.scalar_type(), " ",
              dy.sizes());
  const auto attrs = attributes(size, alpha, beta, k);
  const float slope = static_cast<float>(2 * alpha * beta / size);
  auto dx = at::empty_like(x);
  const float* upstream = dy.data_ptr<float>();
  float* out = dx.data_ptr<float>();
  const int64_t channels = x.dim() ? x.size(-1) : 0;
  for_each_pixel(x, attrs,
                 [&](const float* row, float* base, const float* power, int64_t first, PaddedRow& scratch) {
                   const float* d = upstream + first;
                   float *to = out + first, *product = scratch.start;
#pragma omp simd
                   for (int64_t c = 0; c < channels; ++c) product[c] = d[c] * row[c] * power[c] / base[c];
                   // The windows that hold channel c are centred from c - after to c + before.
                   scratch.window_sums(attrs.after(), attrs.before(), channels, base);
#pragma omp simd
                   for (int64_t c = 0; c < channels; ++c) to[c] = d[c] * power[c] - slope * row[c] * base[c];
                 });
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("local_response_norm", &foveal::local_response_norm);
  m.impl("local_response_norm_grad", &foveal::local_response_norm_grad);
}
