#include "../soft_nms.h"

#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "box_lanes.h"

namespace foveal {
namespace {

using at::Tensor;

std::tuple<Tensor, Tensor> soft_nms(const Tensor& boxes_, const Tensor& scores_, bool gaussian, double sigma,
                                    double iou_threshold, double score_threshold) {
  TORCH_CHECK(boxes_.scalar_type() == at::kFloat && scores_.scalar_type() == at::kFloat &&
                  boxes_.dim() == 2 && boxes_.size(1) == 4 && scores_.dim() == 1 &&
                  scores_.size(0) == boxes_.size(0) && scores_.size(0) <= INT32_MAX,
              "soft_nms: expected float32 boxes [K, 4] and scores [K], got ", boxes_.sizes(), " and ",
              scores_.sizes());
  const auto boxes = boxes_.contiguous(), scores = scores_.contiguous();
  const SoftNmsAttrs attrs{gaussian, static_cast<float>(sigma), static_cast<float>(iou_threshold),
                           static_cast<float>(score_threshold)};
  const float* given = scores.data_ptr<float>();
  std::vector<int32_t> number;
  std::vector<float> score;
  for (int64_t i = 0; i < scores.size(0); ++i) {
    if (!(given[i] >= attrs.score_threshold)) continue;
    number.push_back(static_cast<int32_t>(i));
    score.push_back(given[i]);
  }
  int64_t left = static_cast<int64_t>(number.size());
  BoxLanes lanes(boxes.data_ptr<float>(), left, [&](int64_t i) { return static_cast<int64_t>(number[i]); });
  std::vector<float> overlaps(left);

  std::vector<int32_t> taken;
  std::vector<float> lowered;
  while (left > 0) {
    int64_t best = 0;
    for (int64_t i = 1; i < left; ++i)
      if (score[i] > score[best]) best = i;
    taken.push_back(number[best]);
    lowered.push_back(score[best]);
    float* overlap = overlaps.data();
    lanes.overlaps(lanes.x1[best], lanes.y1[best], lanes.x2[best], lanes.y2[best], lanes.area[best], 0, left,
                   [overlap](int64_t j, float value) { overlap[j] = value; });
    int64_t to = 0;
    for (int64_t i = 0; i < left; ++i) {
      const float rest = score[i] * attrs.decay(overlap[i]);
      if (i == best || !(rest >= attrs.score_threshold)) continue;
      lanes.move(i, to);
      number[to] = number[i];
      score[to++] = rest;
    }
    left = to;
  }

  const int64_t count = static_cast<int64_t>(taken.size());
  auto indices = at::empty({count}, at::kInt), results = at::empty({count}, at::kFloat);
  std::copy(taken.begin(), taken.end(), indices.data_ptr<int32_t>());
  std::copy(lowered.begin(), lowered.end(), results.data_ptr<float>());
  return {indices, results};
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { m.impl("soft_nms", &foveal::soft_nms); }
