#include "on_device.h"

namespace foveal {
namespace {

Tensor paste_masks(const Tensor& masks_, const Tensor& boxes_, int64_t height, int64_t width) {
  check_float("paste_masks", masks_, masks_);
  check_float("paste_masks", boxes_, masks_);
  TORCH_CHECK(masks_.dim() == 3 && masks_.size(1) == masks_.size(2) && boxes_.dim() == 2 &&
                  boxes_.size(1) == 4 && boxes_.size(0) == masks_.size(0) && height >= 1 && width >= 1,
              "paste_masks: expected masks [K, M, M], boxes [K, 4] and the size of the image, got ",
              masks_.sizes(), ", ", boxes_.sizes(), ", ", height, " and ", width);
  const OnDevice on(masks_);
  const auto masks = masks_.contiguous(), boxes = boxes_.contiguous();
  auto pasted = at::empty({masks.size(0), height, width}, masks.options());
  launch_paste_masks(masks.data_ptr<float>(), boxes.data_ptr<float>(), masks.size(0), masks.size(1), height,
                     width, pasted.data_ptr<float>(), on.stream);
  on.check_launch();
  return pasted;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) { m.impl("paste_masks", &foveal::paste_masks); }
