// Areas and overlaps of boxes [x1, y1, x2, y2], rounded alike on every engine: which side of a threshold a
// pair falls on hangs on the last bit. CMakeLists.txt keeps the CPU from fusing products into sums, product()
// keeps CUDA from it.
#pragma once

#include <cstdint>

#include "device.h"

namespace foveal {

FOVEAL_HD float product(float a, float b) {
#ifdef __CUDA_ARCH__
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}

FOVEAL_HD float box_area(float x1, float y1, float x2, float y2) { return product(x2 - x1, y2 - y1); }

/** 0 between two boxes without area; NaN where an area is. */
FOVEAL_HD float box_overlap(float ax1, float ay1, float ax2, float ay2, float a_area, float bx1, float by1,
                            float bx2, float by2, float b_area) {
  const float left = ax1 < bx1 ? bx1 : ax1, top = ay1 < by1 ? by1 : ay1;
  const float width = (ax2 < bx2 ? ax2 : bx2) - left, height = (ay2 < by2 ? ay2 : by2) - top;
  const float shared = product(width > 0 ? width : 0, height > 0 ? height : 0);
  const float all = a_area + b_area - shared;
  return all == 0 ? 0 : shared / all;
}

}  // namespace foveal
