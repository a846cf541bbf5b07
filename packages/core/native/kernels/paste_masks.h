// Where the pixels of a box read its mask, once for CPU and CUDA: He et al., "Mask R-CNN", arXiv:1703.06870;
// the arithmetic is torchvision's. The mask has a border of zeros, one cell wide.
#pragma once

#include <cmath>
#include <cstdint>

#include "boxes.h"

namespace foveal {

/** Whole pixels along one axis, the last one included. */
struct PastedSpan {
  int64_t first, last;
};

/** One side of a box, grown by as much as the border adds to its mask, and cut to whole pixels towards zero.
 */
FOVEAL_HD PastedSpan pasted_span(float low, float high, int64_t side) {
  constexpr float kFar = 1e9f;
  const float scale = static_cast<float>(static_cast<double>(side + 2) / static_cast<double>(side));
  const float half = product((high - low) * 0.5f, scale), centre = (high + low) * 0.5f;
  const float first = centre - half, last = centre + half;
  if (!(fabsf(first) < kFar && fabsf(last) < kFar)) return {0, -1};
  return {static_cast<int64_t>(first), static_cast<int64_t>(last)};
}

/** The two cells that a pixel blends, counted with the border, and the share of the higher one. */
struct PastedTap {
  int64_t low, high;
  float fraction;
};

FOVEAL_HD PastedTap pasted_tap(int64_t pixel, PastedSpan span, int64_t side) {
  const int64_t cells = side + 2;
  const float scale = static_cast<float>(cells) / static_cast<float>(span.last - span.first + 1);
  const float at = fmaxf(product(scale, static_cast<float>(pixel - span.first) + 0.5f) - 0.5f, 0.f);
  const int64_t floor = static_cast<int64_t>(at), low = floor < cells - 1 ? floor : cells - 1;
  return {low, low + 1 < cells ? low + 1 : low, at - static_cast<float>(low)};
}

FOVEAL_HD float blended(float a, float b, float fraction) {
  return product(1 - fraction, a) + product(fraction, b);
}

/** A cell of the mask, or of its border. */
FOVEAL_HD float mask_cell(const float* mask, int64_t side, int64_t row, int64_t column) {
  return row >= 1 && row <= side && column >= 1 && column <= side ? mask[(row - 1) * side + column - 1] : 0.f;
}

}  // namespace foveal
