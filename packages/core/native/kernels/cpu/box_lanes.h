// Boxes as vector registers want them: one coordinate after another.
#pragma once

#include <cstdint>
#include <vector>

#include "../boxes.h"

namespace foveal {

struct BoxLanes {
  /** Of the `count` boxes that `number(i)` names among rows of four. */
  template <typename Number>
  BoxLanes(const float* boxes, int64_t count, Number number)
      : x1(count), y1(count), x2(count), y2(count), area(count) {
    for (int64_t i = 0; i < count; ++i) {
      const float* box = boxes + 4 * number(i);
      x1[i] = box[0], y1[i] = box[1], x2[i] = box[2], y2[i] = box[3];
      area[i] = box_area(box[0], box[1], box[2], box[3]);
    }
  }

  void move(int64_t from, int64_t to) {
    x1[to] = x1[from], y1[to] = y1[from], x2[to] = x2[from], y2[to] = y2[from], area[to] = area[from];
  }

  /** Calls visit(j, overlap of j with the box) for j in [begin, end), in vector registers if visit allows. */
  template <typename Visit>
  void overlaps(float left, float top, float right, float bottom, float size, int64_t begin, int64_t end,
                Visit visit) const {
    const float *a = x1.data(), *b = y1.data(), *c = x2.data(), *d = y2.data(), *e = area.data();
#pragma omp simd
    for (int64_t j = begin; j < end; ++j)
      visit(j, box_overlap(left, top, right, bottom, size, a[j], b[j], c[j], d[j], e[j]));
  }

  std::vector<float> x1, y1, x2, y2, area;
};

}  // namespace foveal
