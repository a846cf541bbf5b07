#include "../paste_masks.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

namespace foveal {
namespace {

using at::Tensor;

Tensor paste_masks(const Tensor& masks_, const Tensor& boxes_, int64_t height, int64_t width) {
  TORCH_CHECK(masks_.scalar_type() == at::kFloat && boxes_.scalar_type() == at::kFloat && masks_.dim() == 3 &&
                  masks_.size(1) == masks_.size(2) && boxes_.dim() == 2 && boxes_.size(1) == 4 &&
                  boxes_.size(0) == masks_.size(0) && height >= 1 && width >= 1,
              "paste_masks: expected float32 masks [K, M, M], boxes [K, 4] and the size of the image, got ",
              masks_.sizes(), ", ", boxes_.sizes(), ", ", height, " and ", width);
  const auto masks = masks_.contiguous(), boxes = boxes_.contiguous();
  const int64_t count = masks.size(0), side = masks.size(1);
  auto pasted = at::empty({count, height, width}, masks.options());
  const float* corners = boxes.data_ptr<float>();
  const float* values = masks.data_ptr<float>();
  float* dst = pasted.data_ptr<float>();

  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> lines;
    for (int64_t k = begin; k < end; ++k) {
      const float *box = corners + 4 * k, *mask = values + k * side * side;
      float* image = dst + k * height * width;
      std::fill(image, image + height * width, 0.f);
      const PastedSpan columns = pasted_span(box[0], box[2], side), rows = pasted_span(box[1], box[3], side);
      const int64_t left = std::max<int64_t>(columns.first, 0), right = std::min(columns.last + 1, width);
      const int64_t top = std::max<int64_t>(rows.first, 0), bottom = std::min(rows.last + 1, height);
      if (left >= right || top >= bottom) continue;

      // Each row of the mask, stretched to the columns of the image; the border's stay zero.
      const int64_t length = right - left;
      lines.assign((side + 2) * length, 0.f);
      for (int64_t x = left; x < right; ++x) {
        const PastedTap tap = pasted_tap(x, columns, side);
        for (int64_t row = 1; row <= side; ++row)
          lines[row * length + x - left] = blended(mask_cell(mask, side, row, tap.low),
                                                   mask_cell(mask, side, row, tap.high), tap.fraction);
      }
      for (int64_t y = top; y < bottom; ++y) {
        const PastedTap tap = pasted_tap(y, rows, side);
        const float *a = lines.data() + tap.low * length, *b = lines.data() + tap.high * length;
        float* to = image + y * width + left;
#pragma omp simd
        for (int64_t i = 0; i < length; ++i) to[i] = blended(a[i], b[i], tap.fraction);
      }
    }
  });
  return pasted;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { m.impl("paste_masks", &foveal::paste_masks); }
