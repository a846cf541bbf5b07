#include "on_device.h"

namespace foveal {
namespace {

void check(const Tensor& pixels, const Tensor& boxes, const Tensor& images) {
  check_float("roi_align", pixels, pixels);
  check_float("roi_align", boxes, pixels);
  TORCH_CHECK(images.scalar_type() == at::kInt && images.device() == pixels.device(),
              "roi_align: expected int32 box indices on ", pixels.device(), ", got ", images.scalar_type(),
              " on ", images.device());
  TORCH_CHECK(pixels.dim() == 4 && boxes.dim() == 2 && boxes.size(1) == 4 && images.dim() == 1 &&
                  images.size(0) == boxes.size(0),
              "roi_align: expected [N, H, W, C], boxes [K, 4] and box indices [K], got ", pixels.sizes(),
              ", ", boxes.sizes(), " and ", images.sizes());
}

// Which image a box names is known on the device only: one that does not exist gives NaN, and no gradient.
Tensor roi_align(const Tensor& features_, const Tensor& boxes_, const Tensor& images_, int64_t bins_h,
                 int64_t bins_w, double spatial_scale, int64_t sampling_ratio, bool aligned) {
  check(features_, boxes_, images_);
  const OnDevice on(features_);
  const auto features = features_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const RoiAlignShape shape{features.size(0), features.size(1), features.size(2), features.size(3),
                            boxes.size(0)};
  const RoiAlignAttrs attrs{bins_h, bins_w, static_cast<float>(spatial_scale), sampling_ratio, aligned};
  auto pooled = at::empty({shape.boxes, bins_h, bins_w, shape.channels}, features.options());
  launch_roi_align(features.data_ptr<float>(), boxes.data_ptr<float>(), images.data_ptr<int32_t>(), shape,
                   attrs, pooled.data_ptr<float>(), on.stream);
  on.check_launch();
  return pooled;
}

Tensor roi_align_grad(const Tensor& dy_, const Tensor& boxes_, const Tensor& images_, at::IntArrayRef sizes,
                      int64_t bins_h, int64_t bins_w, double spatial_scale, int64_t sampling_ratio,
                      bool aligned) {
  TORCH_CHECK(sizes.size() == 4, "roi_align_grad: expected the shape [N, H, W, C], got ", sizes);
  check(dy_, boxes_, images_);
  const OnDevice on(dy_);
  const auto dy = dy_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const RoiAlignShape shape{sizes[0], sizes[1], sizes[2], sizes[3], boxes.size(0)};
  const RoiAlignAttrs attrs{bins_h, bins_w, static_cast<float>(spatial_scale), sampling_ratio, aligned};
  auto dx = at::zeros(sizes, dy.options());
  launch_roi_align_grad(dy.data_ptr<float>(), boxes.data_ptr<float>(), images.data_ptr<int32_t>(), shape,
                        attrs, dx.data_ptr<float>(), on.stream);
  on.check_launch();
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("roi_align", &foveal::roi_align);
  m.impl("roi_align_grad", &foveal::roi_align_grad);
}
