// Local response normalization across channels: Krizhevsky et al., NIPS 2012, section 3.3, in torch's form,
// with alpha divided by the window's size. The window of channel c is [c - size / 2, c + (size - 1) / 2].
#pragma once

#include <cstdint>

#include "device.h"

namespace foveal {

struct LocalResponseNormAttrs {
  int64_t size;
  float alpha, beta, k;

  /** Channels of the window ahead of its centre, and after it. */
  FOVEAL_HD int64_t before() const { return size / 2; }
  FOVEAL_HD int64_t after() const { return (size - 1) / 2; }
  FOVEAL_HD float base(float squares) const { return k + alpha / size * squares; }
};

}  // namespace foveal
