#include <tuple>

#include "on_device.h"

namespace foveal {
namespace {

void check_images(const Tensor& images, const Tensor& like, int64_t boxes) {
  TORCH_CHECK(images.scalar_type() == at::kInt && images.device() == like.device() && images.dim() == 1 &&
                  images.size(0) == boxes,
              "roi_pool: expected int32 box indices [", boxes, "] on ", like.device(), ", got ",
              images.scalar_type(), " ", images.sizes(), " on ", images.device());
}

// Which image a box names is known on the device only: one that does not exist gives NaN, and no gradient.
std::tuple<Tensor, Tensor> roi_pool(const Tensor& features_, const Tensor& boxes_, const Tensor& images_,
                                    int64_t bins_h, int64_t bins_w, double spatial_scale) {
  check_float("roi_pool", features_, features_);
  check_float("roi_pool", boxes_, features_);
  TORCH_CHECK(features_.dim() == 4 && boxes_.dim() == 2 && boxes_.size(1) == 4,
              "roi_pool: expected features [N, H, W, C] and boxes [K, 4], got ", features_.sizes(), " and ",
              boxes_.sizes());
  check_images(images_, features_, boxes_.size(0));
  const OnDevice on(features_);
  const auto features = features_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const RoiAlignShape shape{features.size(0), features.size(1), features.size(2), features.size(3),
                            boxes.size(0)};
  const RoiPoolAttrs attrs{bins_h, bins_w, static_cast<float>(spatial_scale)};
  auto pooled = at::empty({shape.boxes, bins_h, bins_w, shape.channels}, features.options());
  auto largest = at::empty(pooled.sizes(), images.options());
  launch_roi_pool(features.data_ptr<float>(), boxes.data_ptr<float>(), images.data_ptr<int32_t>(), shape,
                  attrs, pooled.data_ptr<float>(), largest.data_ptr<int32_t>(), on.stream);
  on.check_launch();
  return {pooled, largest};
}

Tensor roi_pool_grad(const Tensor& dy_, const Tensor& largest_, const Tensor& images_,
                     at::IntArrayRef sizes) {
  check_float("roi_pool_grad", dy_, dy_);
  TORCH_CHECK(sizes.size() == 4 && dy_.dim() == 4 && dy_.size(3) == sizes[3] &&
                  dy_.sizes() == largest_.sizes() && largest_.scalar_type() == at::kInt &&
                  largest_.device() == dy_.device(),
              "roi_pool_grad: expected dy and int32 pixels of one shape on one device, got ", dy_.sizes(),
              " and ", largest_.sizes());
  check_images(images_, dy_, dy_.size(0));
  const OnDevice on(dy_);
  const auto dy = dy_.contiguous(), largest = largest_.contiguous(), images = images_.contiguous();
  const RoiAlignShape shape{sizes[0], sizes[1], sizes[2], sizes[3], dy.size(0)};
  auto dx = at::zeros(sizes, dy.options());
  launch_roi_pool_grad(dy.data_ptr<float>(), largest.data_ptr<int32_t>(), images.data_ptr<int32_t>(), shape,
                       dy.size(1) * dy.size(2), dx.data_ptr<float>(), on.stream);
  on.check_launch();
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("roi_pool", &foveal::roi_pool);
  m.impl("roi_pool_grad", &foveal::roi_pool_grad);
}
