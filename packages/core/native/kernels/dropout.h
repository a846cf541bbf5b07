// Dropout: Srivastava et al., JMLR 15, 2014, inverted: what is kept is scaled up. Element i is decided by
// word i % 4 of Philox's counter i / 4, so every engine and every split of the work drops the same elements.
#pragma once

#include <cmath>

#include "philox.h"

namespace foveal {

struct DropoutAttrs {
  DropoutAttrs(double rate, int64_t seed)
      : threshold(static_cast<uint64_t>(std::ceil(rate * 4294967296.0))),
        seed(static_cast<uint32_t>(seed)),
        scale(static_cast<float>(1 / (1 - rate))) {}

  bool drops_all() const { return threshold > 0xffffffffu; }

  FOVEAL_HD float apply(float x, uint32_t bits) const {
    return bits >= static_cast<uint32_t>(threshold) ? x * scale : 0.f;
  }

  uint64_t threshold;
  uint32_t seed;
  float scale;
};

}  // namespace foveal
