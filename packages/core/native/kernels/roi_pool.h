// RoI pooling's geometry, once for CPU and CUDA: Girshick, "Fast R-CNN", arXiv:1504.08083; the rounding is
// torchvision's.
#pragma once

#include <cmath>
#include <cstdint>

#include "device.h"

namespace foveal {

struct RoiPoolAttrs {
  int64_t bins_h, bins_w;
  float spatial_scale;
};

/** Pixels [begin, end) along one axis. */
struct PixelSpan {
  int64_t begin, end;
};

FOVEAL_HD int64_t clamped_pixel(int64_t pixel, int64_t size) {
  return pixel < 0 ? 0 : pixel > size ? size : pixel;
}

/** The pixels of one bin of a box from `low` to `high`; none where either is no number or out of all
 * proportion. */
FOVEAL_HD PixelSpan bin_span(float low, float high, float scale, int64_t bin, int64_t bins, int64_t size) {
  constexpr float kFar = 1e9f;
  const float first = roundf(low * scale), last = roundf(high * scale);
  if (!(fabsf(first) < kFar && fabsf(last) < kFar)) return {0, 0};
  const int64_t start = static_cast<int64_t>(first), length = static_cast<int64_t>(last) - start + 1;
  const float step = static_cast<float>(length > 1 ? length : 1) / static_cast<float>(bins);
  return {clamped_pixel(static_cast<int64_t>(floorf(static_cast<float>(bin) * step)) + start, size),
          clamped_pixel(static_cast<int64_t>(ceilf(static_cast<float>(bin + 1) * step)) + start, size)};
}

}  // namespace foveal
