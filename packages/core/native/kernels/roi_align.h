// RoIAlign's geometry, once for CPU and CUDA, forward and backward: He et al., "Mask R-CNN",
// arXiv:1703.06870, section 3; the samples are torchvision's.
#pragma once

#include <cmath>
#include <cstdint>

#include "device.h"

namespace foveal {

struct RoiAlignAttrs {
  int64_t bins_h, bins_w;
  float spatial_scale;
  int64_t sampling_ratio;  // 0: one sample per feature pixel
  bool aligned;
};

/** The two neighbours of a coordinate along one axis, and the share of the higher one. */
struct RoiTap {
  int64_t low, high;
  float fraction;
};

FOVEAL_HD RoiTap roi_tap(float at, int64_t size) {
  at = fminf(fmaxf(at, 0.f), static_cast<float>(size - 1));
  const int64_t low = static_cast<int64_t>(at);
  return {low, low + 1 < size ? low + 1 : low, at - low};
}

/** The samples of one bin along one axis: `first + (i + 0.5) * length / count`, i in [begin, end). */
struct RoiSamples {
  FOVEAL_HD RoiSamples(float first, float length, int64_t sampling_ratio, int64_t size)
      : first(first), length(length), begin(0), end(0) {
    constexpr float kFar = 1e9f;
    count = sampling_ratio ? sampling_ratio : 0;
    if (!(fabsf(first) < kFar && fabsf(length) < kFar)) return;  // NaN and infinity too
    if (!sampling_ratio) count = static_cast<int64_t>(ceilf(length));
    end = count;
    if (sampling_ratio || count <= 0) return;
    // A box may be far larger than the image: skip what lies outside without visiting it.
    const float step = length / count;
    begin =
        static_cast<int64_t>(fminf(fmaxf(floorf((-1 - first) / step) - 1, 0.f), static_cast<float>(count)));
    end =
        static_cast<int64_t>(fminf(fmaxf(ceilf((size - first) / step) + 1, 0.f), static_cast<float>(count)));
  }

  FOVEAL_HD float operator[](int64_t i) const { return first + (i + 0.5f) * length / count; }

  float first, length;
  int64_t count, begin, end;
};

/**
 * Calls visit(pixels, weights), four each, pixel = y * width + x, for every sample of bin (bin_h, bin_w) of
 * box = [x1, y1, x2, y2]. Forward gathers with it, backward scatters.
 */
template <typename Visit>
FOVEAL_HD void for_each_sample(const float* box, int64_t bin_h, int64_t bin_w, int64_t height, int64_t width,
                               const RoiAlignAttrs& attrs, Visit visit) {
  const float shift = attrs.aligned ? 0.5f : 0.f;
  const float left = box[0] * attrs.spatial_scale - shift, top = box[1] * attrs.spatial_scale - shift;
  float box_w = box[2] * attrs.spatial_scale - shift - left,
        box_h = box[3] * attrs.spatial_scale - shift - top;
  if (!attrs.aligned) box_w = fmaxf(box_w, 1.f), box_h = fmaxf(box_h, 1.f);
  const float size_w = box_w / attrs.bins_w, size_h = box_h / attrs.bins_h;
  const RoiSamples rows(top + bin_h * size_h, size_h, attrs.sampling_ratio, height);
  const RoiSamples columns(left + bin_w * size_w, size_w, attrs.sampling_ratio, width);
  const float share = 1.f / (static_cast<float>(rows.count) * columns.count);

  for (int64_t i = rows.begin; i < rows.end; ++i) {
    const float y = rows[i];
    if (!(y >= -1 && y <= height)) continue;
    const RoiTap v = roi_tap(y, height);
    for (int64_t j = columns.begin; j < columns.end; ++j) {
      const float x = columns[j];
      if (!(x >= -1 && x <= width)) continue;
      const RoiTap h = roi_tap(x, width);
      const int64_t pixels[4] = {v.low * width + h.low, v.low * width + h.high, v.high * width + h.low,
                                 v.high * width + h.high};
      const float weights[4] = {share * (1 - v.fraction) * (1 - h.fraction),
                                share * (1 - v.fraction) * h.fraction, share * v.fraction * (1 - h.fraction),
                                share * v.fraction * h.fraction};
      visit(pixels, weights);
    }
  }
}

}  // namespace foveal
