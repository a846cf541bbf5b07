#include "../roi_align.h"

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
                  images.scalar_type() == at::kInt,
              "roi_align: expected float32 features and boxes and int32 box indices, got ",
              pixels.scalar_type(), ", ", boxes.scalar_type(), " and ", images.scalar_type());
  TORCH_CHECK(pixels.dim() == 4 && boxes.dim() == 2 && boxes.size(1) == 4 && images.dim() == 1 &&
                  images.size(0) == boxes.size(0),
              "roi_align: expected [N, H, W, C], boxes [K, 4] and box indices [K], got ", pixels.sizes(),
              ", ", boxes.sizes(), " and ", images.sizes());
  const int32_t* image = images.data_ptr<int32_t>();
  for (int64_t k = 0; k < images.size(0); ++k)
    TORCH_CHECK(image[k] >= 0 && image[k] < count, "roi_align: box ", k, " belongs to image ", image[k],
                ", but there are images 0 to ", count - 1);
}

// Parallel over bins; the inner loop runs along contiguous channels.
Tensor roi_align(const Tensor& features_, const Tensor& boxes_, const Tensor& images_, int64_t bins_h,
                 int64_t bins_w, double spatial_scale, int64_t sampling_ratio, bool aligned) {
  const auto features = features_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  check(features, boxes, images, features.size(0));
  const RoiAlignAttrs attrs{bins_h, bins_w, static_cast<float>(spatial_scale), sampling_ratio, aligned};
  const int64_t height = features.size(1), width = features.size(2), channels = features.size(3);
  auto pooled = at::zeros({boxes.size(0), bins_h, bins_w, channels}, features.options());
  const float* src = features.data_ptr<float>();
  const float* box = boxes.data_ptr<float>();
  const int32_t* image = images.data_ptr<int32_t>();
  float* dst = pooled.data_ptr<float>();

  at::parallel_for(0, boxes.size(0) * bins_h * bins_w, 16, [&](int64_t begin, int64_t end) {
    for (int64_t bin = begin; bin < end; ++bin) {
      const int64_t k = bin / (bins_h * bins_w);
      const float* from = src + image[k] * height * width * channels;
      float* to = dst + bin * channels;
      for_each_sample(box + 4 * k, bin / bins_w % bins_h, bin % bins_w, height, width, attrs,
                      [&](const int64_t* pixels, const float* w) {
                        const float* a = from + pixels[0] * channels;
                        const float* b = from + pixels[1] * channels;
                        const float* c = from + pixels[2] * channels;
                        const float* d = from + pixels[3] * channels;
#pragma omp simd
                        for (int64_t i = 0; i < channels; ++i)
                          to[i] += w[0] * a[i] + w[1] * b[i] + w[2] * c[i] + w[3] * d[i];
                      });
    }
  });
  return pooled;
}

// Boxes overlap, so the pixels of one image and one slice of channels belong to one thread: no atomics, and
// the same sum on every run.
Tensor roi_align_grad(const Tensor& dy_, const Tensor& boxes_, const Tensor& images_, at::IntArrayRef shape,
                      int64_t bins_h, int64_t bins_w, double spatial_scale, int64_t sampling_ratio,
                      bool aligned) {
  constexpr int64_t kSlice = 64;
  TORCH_CHECK(shape.size() == 4, "roi_align_grad: expected the shape [N, H, W, C], got ", shape);
  const auto dy = dy_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const int64_t count = shape[0], height = shape[1], width = shape[2], channels = shape[3];
  check(dy, boxes, images, count);
  const RoiAlignAttrs attrs{bins_h, bins_w, static_cast<float>(spatial_scale), sampling_ratio, aligned};
  auto dx = at::zeros(shape, dy.options());
  const float* src = dy.data_ptr<float>();
  const float* box = boxes.data_ptr<float>();
  float* dst = dx.data_ptr<float>();

  std::vector<std::vector<int64_t>> boxes_of(count);
  for (int64_t k = 0; k < boxes.size(0); ++k) boxes_of[images.data_ptr<int32_t>()[k]].push_back(k);

  const int64_t slices = (channels + kSlice - 1) / kSlice;
  at::parallel_for(0, count * slices, 1, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t first = unit % slices * kSlice, length = std::min(kSlice, channels - first);
      float* image = dst + unit / slices * height * width * channels + first;
      for (const int64_t k : boxes_of[unit / slices]) {
        for (int64_t bin = 0; bin < bins_h * bins_w; ++bin) {
          const float* from = src + (k * bins_h * bins_w + bin) * channels + first;
          for_each_sample(box + 4 * k, bin / bins_w, bin % bins_w, height, width, attrs,
                          [&](const int64_t* pixels, const float* w) {
                            for (int tap = 0; tap < 4; ++tap) {
                              float* to = image + pixels[tap] * channels;
#pragma omp simd
                              for (int64_t i = 0; i < length; ++i) to[i] += w[tap] * from[i];
                            }
                          });
        }
      }
    }
  });
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("roi_align", &foveal::roi_align);
  m.impl("roi_align_grad", &foveal::roi_align_grad);
}
