#include "on_device.h"

namespace foveal {
namespace {

Tensor box_iou(const Tensor& a_, const Tensor& b_) {
  check_float("box_iou", a_, a_);
  check_float("box_iou", b_, a_);
  TORCH_CHECK(a_.dim() == 2 && a_.size(1) == 4 && b_.dim() == 2 && b_.size(1) == 4,
              "box_iou: expected boxes [M, 4] and [N, 4], got ", a_.sizes(), " and ", b_.sizes());
  const OnDevice on(a_);
  const auto a = a_.contiguous(), b = b_.contiguous();
  auto overlaps = at::empty({a.size(0), b.size(0)}, a.options());
  launch_box_iou(a.data_ptr<float>(), a.size(0), b.data_ptr<float>(), b.size(0), overlaps.data_ptr<float>(),
                 on.stream);
  on.check_launch();
  return overlaps;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) { m.impl("box_iou", &foveal::box_iou); }
