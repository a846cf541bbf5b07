// Convolution on tfjs's layouts, over at::convolution: NHWC permuted to NCHW is channels_last, and HWIO whose
// memory is OHWI permuted to OIHW is too, so nothing is copied. One implementation serves every device.
#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "types.h"

namespace foveal {

/** A copy with memory of its own: logical HWIO over physical OHWI. */
inline Tensor to_filter_layout(const Tensor& filter) {
  TORCH_CHECK(filter.dim() == 4, "to_filter_layout: expected a filter [kh, kw, C, K], got ", filter.sizes());
  const int64_t width = filter.size(1), channels = filter.size(2);
  auto laid = at::empty_strided(
      filter.sizes(), {width * channels, channels, 1, filter.size(0) * width * channels}, filter.options());
  return laid.copy_(filter);
}

namespace convolution {

inline Tensor to_nchw(const Tensor& x) { return x.contiguous().permute({0, 3, 1, 2}); }

inline Tensor to_nhwc(const Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }

/** Copies only what is not laid out as to_filter_layout does. */
inline Tensor to_oihw(const Tensor& filter) {
  return filter.permute({3, 2, 0, 1}).contiguous(at::MemoryFormat::ChannelsLast);
}

/** [top, bottom, left, right] as what at::convolution takes, [h, w], and the excess on each side. */
struct Padding {
  explicit Padding(at::IntArrayRef sides)
      : common{std::min(sides[0], sides[1]), std::min(sides[2], sides[3])},
        top(sides[0] - common[0]),
        bottom(sides[1] - common[0]),
        left(sides[2] - common[1]),
        right(sides[3] - common[1]) {}

  bool symmetric() const { return top + bottom + left + right == 0; }

  Tensor pad(const Tensor& x) const {
    return symmetric() ? x : at::constant_pad_nd(x, {0, 0, left, right, top, bottom}, 0);
  }

  int64_t common[2];
  int64_t top, bottom, left, right;
};

/**
 * A dense tensor of which only the shape will be read. Its memory is kept, and as nobody touches it it takes
 * none: large blocks that come and go make malloc return pages to the system, and others' first touch slow.
 */
inline Tensor shape_only(at::IntArrayRef shape, const at::TensorOptions& options) {
  if (!options.device().is_cpu()) return at::empty(shape, options);
  thread_local Tensor memory;
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  if (!memory.defined() || memory.numel() < count) memory = at::empty({count}, options);
  return memory.narrow(0, 0, count).view(shape);
}

inline void check(const Tensor& image, at::IntArrayRef filter, at::IntArrayRef strides,
                  at::IntArrayRef padding, at::IntArrayRef dilations, int64_t groups) {
  TORCH_CHECK(image.dim() == 4 && filter.size() == 4, "conv2d: expected images [N, H, W, C] and a filter ",
              "[kh, kw, C / groups, K], got ", image.sizes(), " and ", filter);
  TORCH_CHECK(strides.size() == 2 && dilations.size() == 2 && padding.size() == 4 && groups > 0,
              "conv2d: expected strides [h, w], padding [top, bottom, left, right], dilations [h, w] and ",
              "groups >= 1, got ", strides, ", ", padding, ", ", dilations, " and ", groups);
}

inline void check_norm(at::TensorList norm) {
  TORCH_CHECK(norm.empty() || norm.size() == 4,
              "conv2d_fused: expected a norm of gamma, beta, mean and variance, or none, got ", norm.size(),
              " tensors");
}

}  // namespace convolution

inline Tensor conv2d(const Tensor& x, const Tensor& filter, const OptionalTensor& bias,
                     at::IntArrayRef strides, at::IntArrayRef padding, at::IntArrayRef dilations,
                     int64_t groups) {
  using namespace convolution;
  check(x, filter.sizes(), strides, padding, dilations, groups);
  const Padding sides(padding);
  if (x.size(0) == 0) {  // torch 1.13 fails on an empty batch in channels_last
    const auto out = [&](int64_t axis, int64_t excess) {
      const int64_t reach = dilations[axis] * (filter.size(axis) - 1) + 1;
      return (x.size(1 + axis) + 2 * sides.common[axis] + excess - reach) / strides[axis] + 1;
    };
    return at::empty({0, out(0, sides.top + sides.bottom), out(1, sides.left + sides.right), filter.size(3)},
                     x.options());
  }
  return to_nhwc(at::convolution(to_nchw(sides.pad(x)), to_oihw(filter), bias, strides, sides.common,
                                 dilations, false, {0, 0}, groups));
}

inline Tensor conv2d_input_grad(const Tensor& dy, const Tensor& filter, at::IntArrayRef input_shape,
                                at::IntArrayRef strides, at::IntArrayRef padding, at::IntArrayRef dilations,
                                int64_t groups) {
  using namespace convolution;
  check(dy, filter.sizes(), strides, padding, dilations, groups);
  TORCH_CHECK(input_shape.size() == 4, "conv2d_input_grad: expected the input's shape [N, H, W, C], got ",
              input_shape);
  if (dy.size(0) == 0) return at::empty(input_shape, dy.options());
  const Padding sides(padding);
  const int64_t height = input_shape[1], width = input_shape[2];
  const auto x = shape_only(
      {input_shape[0], height + sides.top + sides.bottom, width + sides.left + sides.right, input_shape[3]},
      dy.options());
  const auto dx = std::get<0>(
      at::convolution_backward(to_nchw(dy), to_nchw(x), to_oihw(filter), at::OptionalIntArrayRef(), strides,
                               sides.common, dilations, false, {0, 0}, groups, {true, false, false}));
  return to_nhwc(sides.symmetric() ? dx : dx.narrow(2, sides.top, height).narrow(3, sides.left, width));
}

inline Tensor conv2d_filter_grad(const Tensor& x, const Tensor& dy, at::IntArrayRef filter_shape,
                                 at::IntArrayRef strides, at::IntArrayRef padding, at::IntArrayRef dilations,
                                 int64_t groups) {
  using namespace convolution;
  check(x, filter_shape, strides, padding, dilations, groups);
  const Padding sides(padding);
  const auto& s = filter_shape;
  const std::array<int64_t, 4> ohwi{s[3], s[0], s[1], s[2]};
  if (x.size(0) == 0) return at::zeros(ohwi, x.options()).permute({1, 2, 3, 0});
  const auto filter = shape_only(ohwi, x.options()).permute({0, 3, 1, 2});
  const auto gradient = std::get<1>(
      at::convolution_backward(to_nchw(dy), to_nchw(sides.pad(x)), filter, at::OptionalIntArrayRef(), strides,
                               sides.common, dilations, false, {0, 0}, groups, {false, true, false}));
  return gradient.permute({0, 2, 3, 1}).contiguous().permute({1, 2, 3, 0});
}

/** Applies an activation by its name, in place; `slope` is leaky ReLU's. */
inline Tensor activate_(Tensor y, StringView activation, double slope) {
  if (activation == "linear") return y;
  if (activation == "relu") return y.relu_();
  if (activation == "leaky") return at::leaky_relu_(y, slope);
  if (activation == "relu6") return y.clamp_(0, 6);
  if (activation == "sigmoid") return y.sigmoid_();
  if (activation == "swish") return at::silu_(y);
  if (activation == "mish") return at::mish_(y);
  if (activation == "tanh") return y.tanh_();
  TORCH_CHECK(
      activation == "elu",
      "conv2d_fused: expected activation linear, relu, leaky, relu6, sigmoid, swish, mish, tanh or elu, ",
      "got ", std::string(activation.data(), activation.size()));
  return at::elu_(y);
}

/** Inference: y = activation(norm(conv2d(x) + bias) + residual); norm is empty or gamma, beta, mean,
 * variance. */
inline Tensor conv2d_fused(const Tensor& x, const Tensor& filter, const OptionalTensor& bias,
                           at::TensorList norm, double epsilon, const OptionalTensor& residual,
                           at::IntArrayRef strides, at::IntArrayRef padding, at::IntArrayRef dilations,
                           int64_t groups, StringView activation, double slope) {
  convolution::check_norm(norm);
  auto y = foveal::conv2d(x, filter, bias, strides, padding, dilations, groups);
  if (!norm.empty() && y.numel() > 0) {
    y = convolution::to_nhwc(
        at::batch_norm(convolution::to_nchw(y), norm[0], norm[1], norm[2], norm[3], false, 0, epsilon, true));
  }
  if (residual) y.add_(*residual);
  return activate_(y, activation, slope);
}

}  // namespace foveal
