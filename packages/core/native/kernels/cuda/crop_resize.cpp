#include "on_device.h"

namespace foveal {
namespace {

void check(const Tensor& pixels, const Tensor& boxes, const Tensor& images) {
  check_float("crop_resize", pixels, pixels);
  check_float("crop_resize", boxes, pixels);
  TORCH_CHECK(images.scalar_type() == at::kInt && images.device() == pixels.device() && pixels.dim() == 4 &&
                  boxes.dim() == 2 && boxes.size(1) == 4 && images.dim() == 1 &&
                  images.size(0) == boxes.size(0),
              "crop_resize: expected [N, H, W, C], boxes [K, 4] and int32 indices [K] on one device, got ",
              pixels.sizes(), ", ", boxes.sizes(), " and ", images.sizes());
}

// Which image a box names is known on the device only: one that does not exist gives NaN, and no gradient.
Tensor crop_resize(const Tensor& image_, const Tensor& boxes_, const Tensor& images_, int64_t crop_h,
                   int64_t crop_w, bool nearest, double outside) {
  check(image_, boxes_, images_);
  const OnDevice on(image_);
  const auto image = image_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const RoiAlignShape shape{image.size(0), image.size(1), image.size(2), image.size(3), boxes.size(0)};
  const CropResizeAttrs attrs{crop_h, crop_w, nearest, static_cast<float>(outside)};
  auto crops = at::empty({shape.boxes, crop_h, crop_w, shape.channels}, image.options());
  launch_crop_resize(image.data_ptr<float>(), boxes.data_ptr<float>(), images.data_ptr<int32_t>(), shape,
                     attrs, crops.data_ptr<float>(), on.stream);
  on.check_launch();
  return crops;
}

Tensor crop_resize_grad(const Tensor& dy_, const Tensor& boxes_, const Tensor& images_, at::IntArrayRef sizes,
                        bool nearest) {
  TORCH_CHECK(sizes.size() == 4, "crop_resize_grad: expected the shape [N, H, W, C], got ", sizes);
  check(dy_, boxes_, images_);
  const OnDevice on(dy_);
  const auto dy = dy_.contiguous(), boxes = boxes_.contiguous(), images = images_.contiguous();
  const RoiAlignShape shape{sizes[0], sizes[1], sizes[2], sizes[3], boxes.size(0)};
  const CropResizeAttrs attrs{dy.size(1), dy.size(2), nearest, 0};
  auto dx = at::zeros(sizes, dy.options());
  launch_crop_resize_grad(dy.data_ptr<float>(), boxes.data_ptr<float>(), images.data_ptr<int32_t>(), shape,
                          attrs, dx.data_ptr<float>(), on.stream);
  on.check_launch();
  return dx;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("crop_resize", &foveal::crop_resize);
  m.impl("crop_resize_grad", &foveal::crop_resize_grad);
}
