#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>
#include <vector>

#include "../convolution.h"
#include "direct_convolution.h"
#include "eager_threads.h"
#include "packed_convolution.h"

namespace foveal {
namespace {

// Multiplications above which a dense layer pays for the library's preparation.
constexpr int64_t kDirect = 8 << 20;

/** The norm's, or the bias', as one multiplication and one addition a channel. */
struct Scaling {
  Scaling(const OptionalTensor& bias, at::TensorList norm, double epsilon, int64_t channels)
      : scale(channels, 1), shift(channels, 0) {
    if (bias) shift = values(*bias);
    if (norm.empty()) return;
    const auto gamma = values(norm[0]), beta = values(norm[1]), mean = values(norm[2]),
               variance = values(norm[3]);
    for (int64_t k = 0; k < channels; ++k) {
      const double ratio = gamma[k] / std::sqrt(variance[k] + epsilon);
      scale[k] = static_cast<float>(ratio);
      shift[k] = static_cast<float>(beta[k] + (shift[k] - mean[k]) * ratio);
    }
  }

  std::vector<float> values(const Tensor& x) const {
    TORCH_CHECK(x.numel() == static_cast<int64_t>(scale.size()) && x.scalar_type() == at::kFloat,
                "conv2d_fused: expected ", scale.size(), " float32 values, one an output channel, got ",
                x.scalar_type(), " ", x.sizes());
    const auto dense = x.contiguous();
    return std::vector<float>(dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel());
  }

  std::vector<float> scale, shift;
};

/** Filters as the direct kernels walk them, [kh, kw, C, K], scaled. */
Tensor packed(const Tensor& filter, const std::vector<float>& scale) {
  auto dense = at::empty(filter.sizes(), filter.options(), at::MemoryFormat::Contiguous);
  const int64_t taps_h = filter.size(0), taps_w = filter.size(1), channels = filter.size(2),
                outputs = filter.size(3);
  const auto s = filter.strides();
  const float* from = filter.data_ptr<float>();
  float* to = dense.data_ptr<float>();
  for (int64_t i = 0; i < taps_h; ++i) {
    for (int64_t j = 0; j < taps_w; ++j, to += channels * outputs) {
      const float* tap = from + i * s[0] + j * s[1];
      for (int64_t k = 0; k < outputs; ++k)
        for (int64_t c = 0; c < channels; ++c) to[c * outputs + k] = tap[c * s[2] + k * s[3]] * scale[k];
    }
  }
  return dense;
}

direct::Axis axis(const Tensor& x, const Tensor& filter, int which, at::IntArrayRef strides,
                  at::IntArrayRef padding, at::IntArrayRef dilations) {
  const int64_t size = x.size(1 + which), taps = filter.size(which), before = padding[2 * which];
  const int64_t reach = dilations[which] * (taps - 1) + 1;
  return {size,
          taps,
          strides[which],
          before,
          dilations[which],
          (size + before + padding[2 * which + 1] - reach) / strides[which] + 1};
}

/** A 1 × 1 filter sees no rows: all pixels of all images are one. */
void flatten(direct::Problem& p) {
  const auto plain = [](const direct::Axis& a) {
    return a.taps == 1 && a.stride == 1 && a.outputs == a.size;
  };
  if (!plain(p.rows) || !plain(p.columns)) return;
  p.columns.size = p.columns.outputs = p.batch * p.rows.size * p.columns.size;
  p.rows.size = p.rows.outputs = p.batch = 1;
}

Tensor directly(direct::Problem p, bool depthwise, const Tensor& x, const Tensor& filter,
                const Scaling& scaling, const Tensor* residual) {
  const auto weights = packed(filter, scaling.scale);
  auto y = at::empty({p.batch, p.rows.outputs, p.columns.outputs, p.outputs}, x.options());
  p.x = x.data_ptr<float>();
  p.weights = weights.data_ptr<float>();
  p.shift = scaling.shift.data();
  p.residual = residual ? residual->data_ptr<float>() : nullptr;
  p.y = y.data_ptr<float>();
  flatten(p);
  const int64_t count = direct::parts(p);
  const int64_t work = y.numel() * p.rows.taps * p.columns.taps * (depthwise ? 4 : p.channels);
  // Below this a second thread is not worth waking.
  const int64_t grain = 1 + count * 262144 / std::max<int64_t>(1, work);
  const int64_t threads = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), count / grain));
  const auto some = [&](int64_t from, int64_t to) {
    depthwise ? direct::run<direct::Depthwise>(p, from, to) : direct::run<direct::Dense>(p, from, to);
  };
  EagerThreads::share(count, std::max<int64_t>(1, count / (8 * threads)), threads, some);
  return y;
}

/** What the direct kernels do while they store; the rest is linear to them and follows in place. */
direct::Finish finish(StringView activation, double slope) {
  using direct::Activation;
  if (activation == "leaky") return {Activation::leaky, static_cast<float>(slope)};
  if (activation == "relu") return {Activation::relu, 0};
  if (activation == "relu6") return {Activation::relu6, 0};
  return {Activation::linear, 0};
}

/** y = relu(y + residual), or y + residual, in place. */
void add_(const Tensor& y, const Tensor& residual, bool relu) {
  float* to = y.data_ptr<float>();
  const float* from = residual.data_ptr<float>();
  at::parallel_for(0, y.numel(), 16384, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float value = to[i] + from[i];
      to[i] = relu && value < 0 ? 0 : value;  // NaN stays NaN, so that a diverged run shows
    }
  });
}

/** By oneDNN, with filters that were laid out before. */
Tensor by_packed(const Tensor& x, const PackedConvolution& what, const convolution::Padding& sides,
                 const Tensor* residual, StringView activation, double slope) {
  const int64_t outputs = what.filter.size(3);
  const auto scaling = [&] {
    const Scaling folded(what.bias, what.norm, what.epsilon, outputs);
    return std::make_pair(at::tensor(folded.scale), at::tensor(folded.shift));
  };
  const auto y =
      convolution::to_nhwc(PackedFilters::all().run(convolution::to_nchw(sides.pad(x)), what, scaling));
  if (residual) add_(y, *residual, activation == "relu");
  return activation == "relu" || activation == "linear" ? y : activate_(y, activation, slope);
}

Tensor conv2d_fused_cpu(const Tensor& x_, const Tensor& filter, const OptionalTensor& bias,
                        at::TensorList norm, double epsilon, const OptionalTensor& residual,
                        at::IntArrayRef strides, at::IntArrayRef padding, at::IntArrayRef dilations,
                        int64_t groups, StringView activation, double slope) {
  convolution::check(x_, filter.sizes(), strides, padding, dilations, groups);
  convolution::check_norm(norm);
  const int64_t channels = x_.size(3), outputs = filter.size(3);
  const bool depthwise = groups == channels && groups == outputs;
  direct::Problem p{};
  p.batch = x_.size(0);
  p.channels = channels;
  p.outputs = outputs;
  p.rows = axis(x_, filter, 0, strides, padding, dilations);
  p.columns = axis(x_, filter, 1, strides, padding, dilations);
  p.finish = finish(activation, slope);
  const int64_t pixels = p.batch * p.rows.outputs * p.columns.outputs;
  const bool small = groups == 1 && pixels * filter.numel() <= kDirect;
  const bool floats = x_.scalar_type() == at::kFloat && filter.scalar_type() == at::kFloat;
  TORCH_CHECK(filter.size(2) * groups == channels && p.rows.outputs > 0 && p.columns.outputs > 0,
              "conv2d_fused: a filter ", filter.sizes(), " in ", groups, " groups does not fit images ",
              x_.sizes());
  const bool direct = floats && (depthwise || small);
  if (!direct && !(floats && pixels > 0 && PackedFilters::all().available())) {
    return conv2d_fused(x_, filter, bias, norm, epsilon, residual, strides, padding, dilations, groups,
                        activation, slope);
  }
  const auto x = x_.contiguous();
  Tensor added;
  if (residual) {
    added = residual->contiguous();
    TORCH_CHECK(added.scalar_type() == at::kFloat && added.numel() == pixels * outputs,
                "conv2d_fused: the residual must be like the result, got ", added.scalar_type(), " ",
                added.sizes());
  }
  if (!direct) {
    const convolution::Padding sides(padding);
    const PackedConvolution what{filter,          bias,          norm,
                                 epsilon,         strides.vec(), {sides.common[0], sides.common[1]},
                                 dilations.vec(), groups,        activation == "relu" && !residual};
    return by_packed(x, what, sides, residual ? &added : nullptr, activation, slope);
  }
  const Scaling scaling(bias, norm, epsilon, outputs);
  const auto y = directly(p, depthwise, x, filter, scaling, residual ? &added : nullptr);
  return p.finish.activation == direct::Activation::linear ? activate_(y, activation, slope) : y;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { m.impl("conv2d_fused", &foveal::conv2d_fused_cpu); }
