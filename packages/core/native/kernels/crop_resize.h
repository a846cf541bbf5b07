// Where the samples of a crop lie, once for CPU and CUDA, forward and backward: the outermost ones in the
// centres of the box's outermost pixels, as TensorFlow's crop_and_resize has them.
#pragma once

#include <cmath>
#include <cstdint>

#include "device.h"

namespace foveal {

struct CropResizeAttrs {
  int64_t crop_h, crop_w;
  bool nearest;
  float outside;
};

/** The two neighbours of a sample along one axis, and the share of the higher one. */
struct CropTap {
  int64_t low, high;
  float fraction;
  bool inside;
};

/** Sample i of `count` along the side of a box. */
FOVEAL_HD CropTap crop_tap(float low, float high, int64_t i, int64_t count, int64_t size, bool nearest) {
  constexpr float kSlack = 1e-3f;  // of rounding, beyond the centre of the outermost pixel
  const float part = count > 1 ? static_cast<float>(i) / static_cast<float>(count - 1) : 0.5f;
  const float limit = static_cast<float>(size - 1);
  float at = low + part * (high - 1 - low);
  if (!(at >= -kSlack && at <= limit + kSlack)) return {0, 0, 0, false};  // NaN too
  at = fminf(fmaxf(at, 0.f), limit);
  if (nearest) at = floorf(at + 0.5f);
  const int64_t below = static_cast<int64_t>(at);
  return {below, below + 1 < size ? below + 1 : below, at - static_cast<float>(below), true};
}

}  // namespace foveal
