#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../types.h"
#include "box_lanes.h"
#include "falling_score.h"

namespace foveal {
namespace {

constexpr int64_t kBlock = 64;

void check(const char* name, const Tensor& boxes, const Tensor& scores) {
  TORCH_CHECK(boxes.scalar_type() == at::kFloat && scores.scalar_type() == at::kFloat, name,
              ": expected float32 boxes and scores, got ", boxes.scalar_type(), " and ",
              scores.scalar_type());
  TORCH_CHECK(boxes.dim() == 2 && boxes.size(1) == 4 && scores.dim() == 1 &&
                  scores.size(0) == boxes.size(0) && scores.size(0) <= INT32_MAX,
              name, ": expected boxes [K, 4] and scores [K], got ", boxes.sizes(), " and ", scores.sizes());
}

Tensor int32s(const std::vector<int32_t>& values) {
  auto result = at::empty({static_cast<int64_t>(values.size())}, at::kInt);
  std::copy(values.begin(), values.end(), result.data_ptr<int32_t>());
  return result;
}

/** Above it in float is above the threshold in double. */
float rounded_down(double threshold) {
  const float nearest = static_cast<float>(threshold);
  return nearest > threshold ? std::nextafter(nearest, -INFINITY) : nearest;
}

/**
 * Goes through boxes in order and leaves in `kept` the numbers of those that stay. A block of boxes is
 * settled at a time; those after it then meet all that it kept while they are at hand, and all cores take
 * part.
 */
void sweep(BoxLanes& boxes, std::vector<int32_t>& number, float threshold, std::vector<int32_t>& kept) {
  int64_t count = static_cast<int64_t>(number.size());
  std::vector<int32_t> gone(count);
  int32_t* flags = gone.data();
  const auto suppress = [&](int64_t i, int64_t begin, int64_t end) {
    boxes.overlaps(boxes.x1[i], boxes.y1[i], boxes.x2[i], boxes.y2[i], boxes.area[i], begin, end,
                   [=](int64_t j, float overlap) { flags[j] |= overlap > threshold; });
  };
  for (int64_t first = 0; first < count; first += kBlock) {
    const int64_t last = std::min(first + kBlock, count);
    int64_t chosen[kBlock], choices = 0;
    for (int64_t i = first; i < last; ++i) {
      if (flags[i]) continue;
      chosen[choices++] = i;
      kept.push_back(number[i]);
      suppress(i, i + 1, last);
    }
    constexpr int64_t kAtHand = 1024;
    at::parallel_for(0, (count - last + kAtHand - 1) / kAtHand, 2, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        const int64_t from = last + part * kAtHand, to = std::min(from + kAtHand, count);
        for (int64_t i = 0; i < choices; ++i) suppress(chosen[i], from, to);
      }
    });
    // What is gone is met again and again unless it is moved out of the way.
    int64_t alive = last;
    for (int64_t i = last; i < count; ++i) alive += !flags[i];
    if (count - alive <= (count - last) / 8) continue;
    int64_t to = last;
    for (int64_t i = last; i < count; ++i) {
      if (flags[i]) continue;
      boxes.move(i, to);
      number[to++] = number[i];
    }
    std::fill(flags + last, flags + to, 0);
    count = to;
  }
}

Tensor nms(const Tensor& boxes_, const Tensor& scores_, const OptionalTensor& categories_,
           double iou_threshold) {
  check("nms", boxes_, scores_);
  const auto boxes = boxes_.contiguous(), scores = scores_.contiguous();
  const int64_t count = scores.size(0);
  auto order = falling_scores(scores.data_ptr<float>(), count);
  std::sort(order.begin(), order.end());
  std::vector<int32_t> places(count);
  for (int64_t i = 0; i < count; ++i) places[i] = static_cast<int32_t>(i);
  std::vector<int64_t> ends{count};
  if (categories_) {
    TORCH_CHECK(categories_->scalar_type() == at::kInt && categories_->sizes() == scores.sizes(),
                "nms: expected int32 categories [K], got ", categories_->scalar_type(), " ",
                categories_->sizes());
    const auto categories = categories_->contiguous();
    const int32_t* label = categories.data_ptr<int32_t>();
    const auto label_at = [&](int32_t place) { return label[index_of(order[place])]; };
    std::stable_sort(places.begin(), places.end(),
                     [&](int32_t a, int32_t b) { return label_at(a) < label_at(b); });
    ends.clear();
    for (int64_t i = 1; i <= count; ++i)
      if (i == count || label_at(places[i]) != label_at(places[i - 1])) ends.push_back(i);
  }

  std::vector<int32_t> kept;
  const float threshold = rounded_down(iou_threshold);
  int64_t begin = 0;
  for (const int64_t end : ends) {
    std::vector<int32_t> number(places.begin() + begin, places.begin() + end);
    BoxLanes lanes(boxes.data_ptr<float>(), end - begin,
                   [&](int64_t i) { return static_cast<int64_t>(index_of(order[number[i]])); });
    sweep(lanes, number, threshold, kept);
    begin = end;
  }
  if (categories_) std::sort(kept.begin(), kept.end());
  for (int32_t& place : kept) place = index_of(order[place]);
  return int32s(kept);
}

Tensor top_k_indices(const Tensor& scores_, int64_t k) {
  TORCH_CHECK(scores_.scalar_type() == at::kFloat && scores_.dim() == 1 && scores_.size(0) <= INT32_MAX &&
                  k >= 0 && k <= scores_.size(0),
              "top_k_indices: expected float32 scores [K] and k up to K, got ", scores_.scalar_type(), " ",
              scores_.sizes(), " and ", k);
  const auto scores = scores_.contiguous();
  auto order = falling_scores(scores.data_ptr<float>(), scores.size(0));
  if (k < scores.size(0)) std::nth_element(order.begin(), order.begin() + k, order.end());
  std::sort(order.begin(), order.begin() + k);
  std::vector<int32_t> indices(k);
  for (int64_t i = 0; i < k; ++i) indices[i] = index_of(order[i]);
  return int32s(indices);
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("nms", &foveal::nms);
  m.impl("top_k_indices", &foveal::top_k_indices);
}
