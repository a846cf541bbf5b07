// exp and log as plain arithmetic, so that loops over them vectorize: std::exp and std::log are calls.
#pragma once

#include <cstdint>
#include <cstring>

namespace foveal {

inline float float_of(int32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline int32_t bits_of(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

/** exp(x) within 2 ulp for x <= 88; 0 below -87. NaN stays NaN. */
inline float fast_exp(float x) {
  const float clamped = x < -87.f ? -87.f : x;
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const float shifted = clamped * 1.44269504f + 12582912.f;
  const float n = shifted - 12582912.f;
  const float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float mantissa = p * r * r + r + 1.f;
  const float power = float_of((bits_of(shifted) << 23) + 0x3f800000);
  return x < -87.f ? 0.f : mantissa * power;
}

/** log(x) within 2 ulp for normal positive x; NaN stays NaN. */
inline float fast_log(float x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)).
  const int32_t e = (bits_of(x) - 0x3f3504f3) >> 23;
  const float m = float_of(bits_of(x) - (e << 23)) - 1.f;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const float n = static_cast<float>(e), square = m * m;
  const float low = p * m * square - n * 2.12194440e-4f - 0.5f * square;
  const float result = m + low + n * 0.693359375f;
  return x == x ? result : x;
}

}  // namespace foveal
