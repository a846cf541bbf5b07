#include <algorithm>
#include <cmath>
#include <tuple>

#include "../types.h"
#include "on_device.h"

namespace foveal {
namespace {

void check(const char* name, const Tensor& boxes, const Tensor& scores) {
  check_float(name, boxes, boxes);
  check_float(name, scores, boxes);
  TORCH_CHECK(boxes.dim() == 2 && boxes.size(1) == 4 && scores.dim() == 1 &&
                  scores.size(0) == boxes.size(0) && scores.size(0) <= INT32_MAX,
              name, ": expected boxes [K, 4] and scores [K], got ", boxes.sizes(), " and ", scores.sizes());
}

/** Above it in float is above the threshold in double. */
float rounded_down(double threshold) {
  const float nearest = static_cast<float>(threshold);
  return nearest > threshold ? std::nextafter(nearest, -INFINITY) : nearest;
}

/** Equal scores keep their order, -0 equals 0, and NaN counts as the lowest. */
Tensor falling_order(const Tensor& scores) {
  const auto numbers = at::nan_to_num(at::add(scores, 0), -INFINITY, INFINITY, -INFINITY);
  return std::get<1>(at::sort(numbers, /*stable=*/true, /*dim=*/0, /*descending=*/true));
}

Tensor nms(const Tensor& boxes, const Tensor& scores, const OptionalTensor& categories,
           double iou_threshold) {
  constexpr int64_t kBits = 64, kRoom = int64_t{1} << 23;  // 64 MiB of overlaps at a time
  check("nms", boxes, scores);
  TORCH_CHECK(
      !categories || (categories->scalar_type() == at::kInt && categories->sizes() == scores.sizes() &&
                      categories->device() == boxes.device()),
      "nms: expected int32 categories [K] beside the boxes");
  const OnDevice on(boxes);
  const int64_t count = scores.size(0);
  if (count == 0) return at::empty({0}, boxes.options().dtype(at::kInt));
  const auto order = falling_order(scores);
  const auto sorted = boxes.index_select(0, order).contiguous();
  const auto labels = categories ? categories->index_select(0, order).contiguous() : Tensor();
  const int64_t words = (count + kBits - 1) / kBits;
  const int64_t step = std::min(words, std::max<int64_t>(1, kRoom / (kBits * words)));
  const auto bits = boxes.options().dtype(at::kLong);
  auto overlaps = at::empty({kBits * step, words}, bits), gone = at::zeros({words}, bits);
  auto kept = at::empty({count}, boxes.options().dtype(at::kBool));
  const NmsProblem problem{sorted.data_ptr<float>(),
                           labels.defined() ? labels.data_ptr<int32_t>() : nullptr,
                           count,
                           words,
                           rounded_down(iou_threshold),
                           reinterpret_cast<uint64_t*>(overlaps.data_ptr<int64_t>()),
                           reinterpret_cast<uint64_t*>(gone.data_ptr<int64_t>()),
                           kept.data_ptr<bool>()};
  for (int64_t first = 0; first < words; first += step) {
    launch_nms(problem, first, std::min(step, words - first), on.stream);
    on.check_launch();
  }
  return order.masked_select(kept).to(at::kInt);
}

std::tuple<Tensor, Tensor> soft_nms(const Tensor& boxes_, const Tensor& scores_, bool gaussian, double sigma,
                                    double iou_threshold, double score_threshold) {
  check("soft_nms", boxes_, scores_);
  const OnDevice on(boxes_);
  const SoftNmsAttrs attrs{gaussian, static_cast<float>(sigma), static_cast<float>(iou_threshold),
                           static_cast<float>(score_threshold)};
  const auto boxes = boxes_.contiguous();
  auto scores = scores_.clone(at::MemoryFormat::Contiguous);
  const int64_t count = scores.size(0);
  auto taken = at::empty({count}, boxes.options().dtype(at::kInt)), lowered = at::empty_like(scores);
  auto results = at::empty({1}, taken.options());
  launch_soft_nms(boxes.data_ptr<float>(), scores.data_ptr<float>(), count, attrs, taken.data_ptr<int32_t>(),
                  lowered.data_ptr<float>(), results.data_ptr<int32_t>(), on.stream);
  on.check_launch();
  const int64_t found = results.item<int32_t>();
  return {taken.narrow(0, 0, found).clone(), lowered.narrow(0, 0, found).clone()};
}

Tensor top_k_indices(const Tensor& scores, int64_t k) {
  check_float("top_k_indices", scores, scores);
  TORCH_CHECK(scores.dim() == 1 && k >= 0 && k <= scores.size(0),
              "top_k_indices: expected scores [K] and k up to K, got ", scores.sizes(), " and ", k);
  const OnDevice on(scores);
  return falling_order(scores).narrow(0, 0, k).to(at::kInt);
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("nms", &foveal::nms);
  m.impl("soft_nms", &foveal::soft_nms);
  m.impl("top_k_indices", &foveal::top_k_indices);
}
