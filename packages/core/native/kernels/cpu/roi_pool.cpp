#include "../roi_pool.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cfloat>
#include <tuple>
#include <vector>

namespace foveal {
namespace {

using at::Tensor;

void check_images(const Tensor& images, int64_t boxes, int64_t count) {
  TORCH_CHECK(images.scalar_type() == at::kInt && images.dim() == 1 && images.size(0) == boxes,
              "roi_pool: expected int32 box indices [", boxes, "], got ", images.scalar_type(), " ",
              images.sizes());
  const int32_t* image = images.data_ptr<int32_t>();
  for (int64_t k = 0; k < boxes; ++k)
    TORCH_CHECK(image[k] >= 0 && image[k] < count, "roi_pool: box ", k, " belongs to image ", image[k],
                ", but there are images 0 to ", count - 1);
}

// Parallel over bins; the inner loop runs along contiguous channels.
std::tuple<Tensor, Tensor> roi_pool(const Tensor& features_, const Tensor& boxes_, const Tensor& images_,
                                    int64_t bins_h, int64_t bins_w, double spatial_scale) {
  TORCH_CHECK(features_.scalar_type() == at::kFloat && boxes_.scalar_type() == at::kFloat &&
                  features_.dim() == 4 && boxes_.dim() == 2 && boxes_.size(1) == 4,
              "roi_pool: expected float32 features [N, H, W, C] and boxes [K, 4], got ", features_.sizes(),
              " and ", boxes_.sizes());
  const auto features = features_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const int64_t height = features.size(1), width = features.size(2), channels = features.size(3);
  check_images(images, boxes.size(0), features.size(0));
  const float scale = static_cast<float>(spatial_scale);
  auto pooled = at::empty({boxes.size(0), bins_h, bins_w, channels}, features.options());
  auto largest = at::empty(pooled.sizes(), images.options());
  const float* src = features.data_ptr<float>();
  const float* corners = boxes.data_ptr<float>();
  const int32_t* image = images.data_ptr<int32_t>();
  float* values = pooled.data_ptr<float>();
  int32_t* pixels = largest.data_ptr<int32_t>();

  at::parallel_for(0, boxes.size(0) * bins_h * bins_w, 16, [&](int64_t begin, int64_t end) {
    for (int64_t bin = begin; bin < end; ++bin) {
      const int64_t k = bin / (bins_h * bins_w);
      const float* box = corners + 4 * k;
      const PixelSpan rows = bin_span(box[1], box[3], scale, bin / bins_w % bins_h, bins_h, height);
      const PixelSpan columns = bin_span(box[0], box[2], scale, bin % bins_w, bins_w, width);
      const bool empty = rows.end <= rows.begin || columns.end <= columns.begin;
      const float* from = src + image[k] * height * width * channels;
      float* best = values + bin * channels;
      int32_t* at = pixels + bin * channels;
      std::fill(best, best + channels, empty ? 0.f : -FLT_MAX);
      std::fill(at, at + channels, -1);
      for (int64_t y = rows.begin; y < rows.end; ++y) {
        for (int64_t x = columns.begin; x < columns.end; ++x) {
          const int32_t pixel = static_cast<int32_t>(y * width + x);
          const float* value = from + pixel * channels;
#pragma omp simd
          for (int64_t c = 0; c < channels; ++c) {
            const bool more = value[c] > best[c];
            best[c] = more ? value[c] : best[c];
            at[c] = more ? pixel : at[c];
          }
        }
      }
    }
  });
  return {pooled, largest};
}

// The pixels of one image and one slice of channels belong to one thread: no atomics, the same sum on every
// run.
Tensor roi_pool_grad(const Tensor& dy_, const Tensor& largest_, const Tensor& images_,
                     at::IntArrayRef shape) {
  constexpr int64_t kSlice = 32;
  TORCH_CHECK(shape.size() == 4, "roi_pool_grad: expected the shape [N, H, W, C], got ", shape);
  TORCH_CHECK(dy_.dim() == 4 && dy_.size(3) == shape[3] && dy_.sizes() == largest_.sizes() &&
                  dy_.scalar_type() == at::kFloat && largest_.scalar_type() == at::kInt,
              "roi_pool_grad: expected float32 dy and int32 pixels of one shape, got ", dy_.sizes(), " and ",
              largest_.sizes());
  const auto dy = dy_.contiguous(), largest = largest_.contiguous(), images = images_.contiguous();
  const int64_t count = shape[0], pixels = shape[1] * shape[2], channels = shape[3];
  const int64_t boxes = dy.size(0), bins = dy.size(1) * dy.size(2);
  check_images(images, boxes, count);
  auto dx = at::zeros(shape, dy.options());
  const float* src = dy.data_ptr<float>();
  const int32_t* pixel = largest.data_ptr<int32_t>();
  float* dst = dx.data_ptr<float>();

  std::vector<std::vector<int64_t>> boxes_of(count);
  for (int64_t k = 0; k < boxes; ++k) boxes_of[images.data_ptr<int32_t>()[k]].push_back(k);
  const int64_t slices = (channels + kSlice - 1) / kSlice;
  at::parallel_for(0, count * slices, 1, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t first = unit % slices * kSlice, last = std::min(first + kSlice, channels);
      float* image = dst + unit / slices * pixels * channels;
      for (const int64_t k : boxes_of[unit / slices]) {
        for (int64_t bin = k * bins; bin < (k + 1) * bins; ++bin) {
          for (int64_t c = first; c < last; ++c) {
            const int64_t at = pixel[bin * channels + c];
            if (at >= 0 && at < pixels) image[at * channels + c] += src[bin * channels + c];
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
  m.impl("roi_pool", &foveal::roi_pool);
  m.impl("roi_pool_grad", &foveal::roi_pool_grad);
}
