#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "box_lanes.h"

namespace foveal {
namespace {

using at::Tensor;

void check(const Tensor& boxes) {
  TORCH_CHECK(boxes.scalar_type() == at::kFloat && boxes.dim() == 2 && boxes.size(1) == 4,
              "box_iou: expected float32 boxes [K, 4], got ", boxes.scalar_type(), " ", boxes.sizes());
}

Tensor box_iou(const Tensor& a_, const Tensor& b_) {
  check(a_);
  check(b_);
  const auto a = a_.contiguous(), b = b_.contiguous();
  const int64_t rows = a.size(0), columns = b.size(0);
  auto overlaps = at::empty({rows, columns}, a.options());
  const float* boxes = a.data_ptr<float>();
  float* to = overlaps.data_ptr<float>();
  const BoxLanes others(b.data_ptr<float>(), columns, [](int64_t i) { return i; });
  const int64_t grain = 1 + (1 << 15) / (columns + 1);
  at::parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* box = boxes + 4 * i;
      float* row = to + i * columns;
      others.overlaps(box[0], box[1], box[2], box[3], box_area(box[0], box[1], box[2], box[3]), 0, columns,
                      [row](int64_t j, float overlap) { row[j] = overlap; });
    }
  });
  return overlaps;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { m.impl("box_iou", &foveal::box_iou); }
