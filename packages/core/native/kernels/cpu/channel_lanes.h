// How the CPU walks over [..., C] memory channel by channel, and sums along it.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

namespace foveal {

// Rows of C channels are read as wide rows of several, lest a vector register stay half empty where C is
// small: lane l of a wide row is channel l % C.
struct Lanes {
  Lanes(const at::Tensor& x, const at::Tensor& per_channel)
      : channels(per_channel.numel()),
        count(x.numel()),
        width(std::max<int64_t>(1, channels * std::max<int64_t>(1, kWidth / std::max<int64_t>(1, channels)))),
        rows((count + width - 1) / width) {
    TORCH_CHECK(x.scalar_type() == at::kFloat && per_channel.scalar_type() == at::kFloat,
                "batch_norm: expected float32, got ", x.scalar_type(), " and ", per_channel.scalar_type());
    TORCH_CHECK(x.dim() > 0 && x.size(-1) == channels, "batch_norm: expected ", channels,
                " channels in the last axis, got ", x.sizes());
  }

  /** How many lanes the wide row has: only the last may be short. */
  int64_t length(int64_t row) const { return std::min(width, count - row * width); }

  /** One value a channel, given by get(c), repeated along the wide row. */
  template <typename Get>
  void tile(float* lanes, Get get) const {
    for (int64_t l = 0; channels && l < width; l += channels)
      for (int64_t c = 0; c < channels; ++c) lanes[l + c] = get(c);
  }

  std::vector<float> tile(const std::vector<float>& values) const {
    std::vector<float> lanes(width);
    tile(lanes.data(), [&](int64_t c) { return values[c]; });
    return lanes;
  }

  static constexpr int64_t kWidth = 256;
  int64_t channels, count, width, rows;
};

// Sums two quantities per lane in float over a few rows (chunk also gets a wide row of scratch memory), then
// hands the chunk's sums per channel to merge in a fixed order: exact enough, and the same on any number of
// threads.
template <typename Chunk, typename Merge>
void reduce(const Lanes& lanes, Chunk chunk, Merge merge) {
  constexpr int64_t kRows = 32;
  const int64_t chunks = (lanes.rows + kRows - 1) / kRows, channels = lanes.channels;
  std::vector<float> partial(2 * chunks * channels);
  at::parallel_for(0, chunks, 2, [&](int64_t begin, int64_t end) {
    std::vector<float> buffer(3 * lanes.width);
    float *scratch = buffer.data(), *first = scratch + lanes.width, *second = first + lanes.width;
    for (int64_t i = begin; i < end; ++i) {
      std::fill(first, second + lanes.width, 0.f);
      chunk(i * kRows, std::min((i + 1) * kRows, lanes.rows), scratch, first, second);
      float* to = partial.data() + 2 * i * channels;
      for (int64_t l = 0; l < lanes.width; l += channels) {
        for (int64_t c = 0; c < channels; ++c) {
          to[c] += first[l + c];
          to[channels + c] += second[l + c];
        }
      }
    }
  });
  for (int64_t i = 0; i < chunks; ++i) {
    const int64_t first = i * kRows * lanes.width;
    const int64_t count = (std::min(first + kRows * lanes.width, lanes.count) - first) / channels;
    for (int64_t c = 0; c < channels; ++c)
      merge(c, first, count, partial[2 * i * channels + c], partial[(2 * i + 1) * channels + c]);
  }
}

}  // namespace foveal
