// The sigmoid's cross-entropy and the focal loss that plays down what is right, once for CPU and CUDA:
// Lin et al., "Focal Loss for Dense Object Detection", arXiv:1708.02002, equation 5.
#pragma once

#include <cmath>
#include <cstdint>

#include "device.h"

namespace foveal {

struct SigmoidFocalAttrs {
  float alpha;  // the share of the positives; below 0 positives and negatives count alike
  float gamma;  // 0: the plain cross-entropy

  FOVEAL_HD float share(float target) const {
    return alpha < 0 ? 1.f : alpha * target + (1 - alpha) * (1 - target);
  }
};

/** p, 1 - p and the cross-entropy, each without cancellation whatever the logit. */
struct SigmoidTerms {
  FOVEAL_HD SigmoidTerms(float x, float target) {
    const float e = expf(-fabsf(x)), more = 1 / (1 + e), less = e / (1 + e);
    p = x < 0 ? less : more;
    q = x < 0 ? more : less;
    entropy = (x > 0 ? x : x - x) - x * target + log1pf(e);  // x - x: NaN stays NaN
    wrong = target * q + (1 - target) * p;
  }
  float p, q, entropy, wrong;
};

FOVEAL_HD float focal_loss(float x, float target, const SigmoidFocalAttrs& attrs) {
  const SigmoidTerms t(x, target);
  const float power = attrs.gamma == 0   ? 1.f
                      : attrs.gamma == 2 ? t.wrong * t.wrong
                                         : powf(t.wrong, attrs.gamma);
  return attrs.share(target) * power * t.entropy;
}

FOVEAL_HD float focal_slope(float x, float target, const SigmoidFocalAttrs& attrs) {
  const SigmoidTerms t(x, target);
  if (attrs.gamma == 0) return attrs.share(target) * (t.p - target);
  // Below it the power of gamma - 1 may be infinite, and what it is multiplied by is zero.
  const float wrong = t.wrong > 1e-30f ? t.wrong : 1e-30f;
  const float power = attrs.gamma == 2 ? wrong : powf(wrong, attrs.gamma - 1);
  const float slope = t.p * t.q * (1 - 2 * target);
  return attrs.share(target) * power * (t.wrong * (t.p - target) + attrs.gamma * slope * t.entropy);
}

}  // namespace foveal
