// How an overlap lowers a score, once for CPU and CUDA: Bodla et al., "Soft-NMS", arXiv:1704.04503, equations
// 2 and 3.
#pragma once

#include <cmath>

#include "boxes.h"

namespace foveal {

struct SoftNmsAttrs {
  bool gaussian;
  float sigma, iou_threshold, score_threshold;

  /** NaN lowers nothing. */
  FOVEAL_HD float decay(float overlap) const {
    if (!(overlap > 0)) return 1.f;
    if (gaussian) return expf(-(overlap * overlap) / sigma);
    return overlap >= iou_threshold ? 1 - overlap : 1.f;
  }
};

}  // namespace foveal
