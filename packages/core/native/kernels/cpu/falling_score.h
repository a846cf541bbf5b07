// Orders scores from high to low by whole numbers that are all different: equal scores keep their order, and
// NaN counts as the lowest.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace foveal {

/** Rises as the score falls; the lower half is the index. */
inline std::vector<uint64_t> falling_scores(const float* scores, int64_t count) {
  std::vector<uint64_t> keys(count);
  for (int64_t i = 0; i < count; ++i) {
    const float score = std::isnan(scores[i]) ? -INFINITY : scores[i] + 0.f;  // -0 becomes 0
    uint32_t bits;
    std::memcpy(&bits, &score, sizeof bits);
    const uint32_t rising = bits >> 31 ? ~bits : bits | 0x80000000u;
    keys[i] = static_cast<uint64_t>(~rising) << 32 | static_cast<uint32_t>(i);
  }
  return keys;
}

inline int32_t index_of(uint64_t key) { return static_cast<int32_t>(key); }

}  // namespace foveal
