// Philox4x32-10: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 3.3.
#pragma once

#include <cstdint>

#include "device.h"

namespace foveal {

/** One of the ten rounds, on a counter of four words under a key of two. */
FOVEAL_HD void philox_round(uint32_t& c0, uint32_t& c1, uint32_t& c2, uint32_t& c3, uint32_t k0,
                            uint32_t k1) {
  const uint64_t p0 = static_cast<uint64_t>(0xD2511F53u) * c0;
  const uint64_t p1 = static_cast<uint64_t>(0xCD9E8D57u) * c2;
  c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
  c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
  c1 = static_cast<uint32_t>(p1);
  c3 = static_cast<uint32_t>(p0);
}

/**
 * The random words of `lanes` successive counters (counter, 0, 0) under key (seed, 0), word by word:
 * out[word][lane]. The lanes run in step, so that the compiler can turn them into vectors.
 */
template <int lanes>
FOVEAL_HD void philox4x32(uint64_t counter, uint32_t seed, uint32_t (&out)[4][lanes]) {
  for (int l = 0; l < lanes; ++l) {
    out[0][l] = static_cast<uint32_t>(counter + l);
    out[1][l] = static_cast<uint32_t>((counter + l) >> 32);
    out[2][l] = out[3][l] = 0;
  }
  uint32_t k0 = seed, k1 = 0;
  for (int round = 0; round < 10; ++round) {
    for (int l = 0; l < lanes; ++l) philox_round(out[0][l], out[1][l], out[2][l], out[3][l], k0, k1);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

}  // namespace foveal
