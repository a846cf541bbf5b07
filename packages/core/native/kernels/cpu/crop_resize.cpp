#include "../crop_resize.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

namespace foveal {
namespace {

using at::Tensor;

void check(const Tensor& pixels, const Tensor& boxes, const Tensor& images, int64_t count) {
  TORCH_CHECK(pixels.scalar_type() == at::kFloat && boxes.scalar_type() == at::kFloat &&
                  images.scalar_type() == at::kInt && pixels.dim() == 4 && boxes.dim() == 2 &&
                  boxes.size(1) == 4 && images.dim() == 1 && images.size(0) == boxes.size(0),
              "crop_resize: expected float32 [N, H, W, C], boxes [K, 4] and int32 indices [K], got ",
              pixels.sizes(), ", ", boxes.sizes(), " and ", images.sizes());
  const int32_t* image = images.data_ptr<int32_t>();
  for (int64_t k = 0; k < images.size(0); ++k)
    TORCH_CHECK(image[k] >= 0 && image[k] < count, "crop_resize: box ", k, " belongs to image ", image[k],
                ", but there are images 0 to ", count - 1);
}

std::vector<CropTap> taps_along(float low, float high, int64_t count, int64_t size, bool nearest) {
  std::vector<CropTap> taps(count);
  for (int64_t i = 0; i < count; ++i) taps[i] = crop_tap(low, high, i, count, size, nearest);
  return taps;
}

Tensor crop_resize(const Tensor& image_, const Tensor& boxes_, const Tensor& images_, int64_t crop_h,
                   int64_t crop_w, bool nearest, double outside) {
  const auto image = image_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  check(image, boxes, images, image.size(0));
  const int64_t height = image.size(1), width = image.size(2), channels = image.size(3);
  auto crops = at::empty({boxes.size(0), crop_h, crop_w, channels}, image.options());
  const float* src = image.data_ptr<float>();
  const float* corners = boxes.data_ptr<float>();
  const int32_t* number = images.data_ptr<int32_t>();
  float* dst = crops.data_ptr<float>();
  const float beyond = static_cast<float>(outside);

  at::parallel_for(0, boxes.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const float* box = corners + 4 * k;
      const auto rows = taps_along(box[1], box[3], crop_h, height, nearest);
      const auto columns = taps_along(box[0], box[2], crop_w, width, nearest);
      const float* from = src + number[k] * height * width * channels;
      float* to = dst + k * crop_h * crop_w * channels;
      for (const CropTap& row : rows) {
        const float *upper = from + row.low * width * channels, *lower = from + row.high * width * channels;
        for (const CropTap& column : columns) {
          const int64_t left = column.low * channels, right = column.high * channels;
          for (int64_t c = 0; c < channels; ++c) {
            if (!row.inside || !column.inside) {
              to[c] = beyond;
              continue;
            }
            const float above = upper[left + c] + column.fraction * (upper[right + c] - upper[left + c]);
            const float below = lower[left + c] + column.fraction * (lower[right + c] - lower[left + c]);
            to[c] = above + row.fraction * (below - above);
          }
          to += channels;
        }
      }
    }
  });
  return crops;
}

// Boxes overlap, so a band of rows of one image belongs to one thread: no atomics, the same sum on every run.
Tensor crop_resize_grad(const Tensor& dy_, const Tensor& boxes_, const Tensor& images_, at::IntArrayRef shape,
                        bool nearest) {
  constexpr int64_t kBand = 32;
  TORCH_CHECK(shape.size() == 4, "crop_resize_grad: expected the shape [N, H, W, C], got ", shape);
  const auto dy = dy_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const int64_t count = shape[0], height = shape[1], width = shape[2], channels = shape[3];
  check(dy, boxes, images, count);
  const int64_t crop_h = dy.size(1), crop_w = dy.size(2);
  auto dx = at::zeros(shape, dy.options());
  const float* src = dy.data_ptr<float>();
  const float* corners = boxes.data_ptr<float>();
  float* dst = dx.data_ptr<float>();

  std::vector<std::vector<int64_t>> boxes_of(count);
  for (int64_t k = 0; k < boxes.size(0); ++k) boxes_of[images.data_ptr<int32_t>()[k]].push_back(k);
  const int64_t bands = (height + kBand - 1) / kBand;
  at::parallel_for(0, count * bands, 1, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t first = unit % bands * kBand, last = first + kBand;
      float* image = dst + unit / bands * height * width * channels;
      for (const int64_t k : boxes_of[unit / bands]) {
        const float* box = corners + 4 * k;
        const auto columns = taps_along(box[0], box[2], crop_w, width, nearest);
        for (int64_t i = 0; i < crop_h; ++i) {
          const CropTap row = crop_tap(box[1], box[3], i, crop_h, height, nearest);
          if (!row.inside) continue;
          for (const bool high : {false, true}) {
            const int64_t y = high ? row.high : row.low;
            const float share = high ? row.fraction : 1 - row.fraction;
            if (y < first || y >= last || share == 0) continue;
            const float* from = src + (k * crop_h + i) * crop_w * channels;
            float* line = image + y * width * channels;
            for (const CropTap& column : columns) {
              if (column.inside) {
                const float right = share * column.fraction, left = share - right;
                for (int64_t c = 0; c < channels; ++c) line[column.low * channels + c] += left * from[c];
                for (int64_t c = 0; c < channels; ++c) line[column.high * channels + c] += right * from[c];
              }
              from += channels;
            }
          }
        }
      }
    }
  });
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("crop_resize", &foveal::crop_resize);
  m.impl("crop_resize_grad", &foveal::crop_resize_grad);
}
