#include "../batch_norm.h"

#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "channel_lanes.h"

namespace foveal {
namespace {

using at::Tensor;

std::vector<float> values(const Tensor& x, const Lanes& lanes) {
  TORCH_CHECK(x.numel() == lanes.channels && x.scalar_type() == at::kFloat, "batch_norm: expected ",
              lanes.channels, " float32 values, one a channel, got ", x.scalar_type(), " ", x.sizes());
  const auto dense = x.contiguous();
  return std::vector<float>(dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel());
}

/** gamma / standard deviation. */
std::vector<float> scales(const std::vector<float>& gamma, const std::vector<float>& variance,
                          double epsilon) {
  std::vector<float> scale(gamma.size());
  for (size_t c = 0; c < gamma.size(); ++c)
    scale[c] = static_cast<float>(gamma[c] / std::sqrt(variance[c] + epsilon));
  return scale;
}

std::vector<Moments> moments(const float* x, const Lanes& lanes) {
  std::vector<Moments> result(lanes.channels, Moments{0, 0, 0});
  reduce(
      lanes,
      [&](int64_t begin, int64_t end, float* __restrict shift, float* __restrict sum,
          float* __restrict square) {
        // Deviations from the chunk's first values, so that a large mean cancels before it is squared.
        const float* origin = x + begin * lanes.width;
        lanes.tile(shift, [&](int64_t c) { return origin[c]; });
        for (int64_t row = begin; row < end; ++row) {
          const float* a = x + row * lanes.width;
          const int64_t length = lanes.length(row);
#pragma omp simd
          for (int64_t l = 0; l < length; ++l) {
            const float p = a[l] - shift[l];
            sum[l] += p;
            square[l] += p * p;
          }
        }
      },
      [&](int64_t c, int64_t first, double count, double sum, double square) {
        result[c].merge(count, x[first + c] + sum / count, std::max(0., square - sum * sum / count));
      });
  return result;
}

template <bool relu>
Tensor normalize(const Tensor& x, const Lanes& lanes, const std::vector<float>& means,
                 const std::vector<float>& scale_of, const std::vector<float>& betas) {
  auto y = at::empty_like(x);
  const auto tiled_mean = lanes.tile(means);
  const auto tiled_scale = lanes.tile(scale_of);
  const auto tiled_beta = lanes.tile(betas);
  const float *mean = tiled_mean.data(), *scale = tiled_scale.data(), *beta = tiled_beta.data();
  const float* from = x.data_ptr<float>();
  float* to = y.data_ptr<float>();
  at::parallel_for(0, lanes.rows, 1 + 16384 / lanes.width, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* a = from + row * lanes.width;
      float* b = to + row * lanes.width;
      const int64_t length = lanes.length(row);
#pragma omp simd
      for (int64_t l = 0; l < length; ++l) {
        const float value = batch_norm_normalize(a[l] - mean[l], scale[l], beta[l]);
        b[l] = relu ? batch_norm_relu(value) : value;
      }
    }
  });
  return y;
}

Tensor normalize(bool relu, const Tensor& x, const Lanes& lanes, const std::vector<float>& mean,
                 const std::vector<float>& scale, const std::vector<float>& beta) {
  return relu ? normalize<true>(x, lanes, mean, scale, beta) : normalize<false>(x, lanes, mean, scale, beta);
}

Tensor batch_norm_eval(const Tensor& x_, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                       const Tensor& variance, double epsilon, bool relu) {
  const auto x = x_.contiguous();
  const Lanes lanes(x, gamma);
  return normalize(relu, x, lanes, values(mean, lanes),
                   scales(values(gamma, lanes), values(variance, lanes), epsilon), values(beta, lanes));
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_train(const Tensor& x_, const Tensor& gamma, const Tensor& beta,
                                                    double epsilon, bool relu) {
  const auto x = x_.contiguous();
  const Lanes lanes(x, gamma);
  auto mean = at::empty({lanes.channels}, x.options()), variance = at::empty_like(mean);
  const auto stats = moments(x.data_ptr<float>(), lanes);
  for (int64_t c = 0; c < lanes.channels; ++c) {
    mean.data_ptr<float>()[c] = static_cast<float>(stats[c].mean);
    variance.data_ptr<float>()[c] = static_cast<float>(stats[c].squares / stats[c].count);
  }
  const auto y =
      normalize(relu, x, lanes, values(mean, lanes),
                scales(values(gamma, lanes), values(variance, lanes), epsilon), values(beta, lanes));
  return std::make_tuple(y, mean, variance);
}

template <bool relu>
std::tuple<Tensor, Tensor, Tensor> gradient(const Tensor& dy, const Tensor& x, const Lanes& lanes,
                                            const std::vector<float>& gammas, const std::vector<float>& betas,
                                            const std::vector<float>& means,
                                            const std::vector<float>& variances, double epsilon) {
  const int64_t channels = lanes.channels;
  const auto scale_of = scales(gammas, variances, epsilon);
  const auto tiled_mean = lanes.tile(means);
  const auto tiled_scale = lanes.tile(scale_of);
  const auto tiled_beta = lanes.tile(betas);
  const float *mean = tiled_mean.data(), *scale = tiled_scale.data(), *beta = tiled_beta.data();
  const float *upstream = dy.data_ptr<float>(), *from = x.data_ptr<float>();
  const auto arriving = [](float centred, float scale, float beta, float d) {
    return relu ? batch_norm_relu_grad(batch_norm_normalize(centred, scale, beta), d) : d;
  };

  std::vector<double> sum(channels), product(channels);  // Σ dy and Σ dy (x - mean)
  reduce(
      lanes,
      [&](int64_t begin, int64_t end, float*, float* __restrict plain, float* __restrict weighted) {
        for (int64_t row = begin; row < end; ++row) {
          const float *a = from + row * lanes.width, *u = upstream + row * lanes.width;
          const int64_t length = lanes.length(row);
#pragma omp simd
          for (int64_t l = 0; l < length; ++l) {
            const float centred = a[l] - mean[l], d = arriving(centred, scale[l], beta[l], u[l]);
            plain[l] += d;
            weighted[l] += d * centred;
          }
        }
      },
      [&](int64_t c, int64_t, double, double plain, double weighted) {
        sum[c] += plain;
        product[c] += weighted;
      });

  auto d_gamma = at::empty({channels}, x.options()), d_beta = at::empty_like(d_gamma), dx = at::empty_like(x);
  std::vector<float> offset_of(channels), slope_of(channels);
  const double count = channels ? static_cast<double>(lanes.count) / channels : 1;
  for (int64_t c = 0; c < channels; ++c) {
    const double spread = variances[c] + epsilon;
    d_gamma.data_ptr<float>()[c] = static_cast<float>(product[c] / std::sqrt(spread));
    d_beta.data_ptr<float>()[c] = static_cast<float>(sum[c]);
    offset_of[c] = static_cast<float>(sum[c] / count);
    slope_of[c] = static_cast<float>(product[c] / count / spread);
  }
  const auto tiled_offset = lanes.tile(offset_of);
  const auto tiled_slope = lanes.tile(slope_of);
  const float *offset = tiled_offset.data(), *slope = tiled_slope.data();
  float* to = dx.data_ptr<float>();
  at::parallel_for(0, lanes.rows, 1 + 16384 / lanes.width, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float *a = from + row * lanes.width, *u = upstream + row * lanes.width;
      float* b = to + row * lanes.width;
      const int64_t length = lanes.length(row);
#pragma omp simd
      for (int64_t l = 0; l < length; ++l) {
        const float centred = a[l] - mean[l], d = arriving(centred, scale[l], beta[l], u[l]);
        b[l] = scale[l] * (d - offset[l] - centred * slope[l]);
      }
    }
  });
  return std::make_tuple(dx, d_gamma, d_beta);
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_train_grad(const Tensor& dy_, const Tensor& x_,
                                                         const Tensor& gamma, const Tensor& beta,
                                                         const Tensor& mean, const Tensor& variance,
                                                         double epsilon, bool relu) {
  const auto dy = dy_.contiguous(), x = x_.contiguous();
  const Lanes lanes(x, gamma);
  TORCH_CHECK(dy.sizes() == x.sizes() && dy.scalar_type() == at::kFloat,
              "batch_norm_train_grad: expected dy float32 ", x.sizes(), ", got ", dy.scalar_type(), " ",
              dy.sizes());
  const auto run = relu ? &gradient<true> : &gradient<false>;
  return run(dy, x, lanes, values(gamma, lanes), values(beta, lanes), values(mean, lanes),
             values(variance, lanes), epsilon);
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("batch_norm_train", &foveal::batch_norm_train);
  m.impl("batch_norm_train_grad", &foveal::batch_norm_train_grad);
  m.impl("batch_norm_eval", &foveal::batch_norm_eval);
}
