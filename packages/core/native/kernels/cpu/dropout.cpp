#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>

#include "../philox.h"

namespace foveal {
namespace {

using at::Tensor;

Tensor dropout(const Tensor& x_, double rate, int64_t seed) {
  TORCH_CHECK(x_.scalar_type() == at::kFloat, "dropout: expected float32, got ", x_.scalar_type());
  TORCH_CHECK(rate >= 0 && rate <= 1, "dropout: expected a rate in [0, 1], got ", rate);
  const auto x = x_.contiguous();
  auto y = at::empty_like(x);
  const int64_t count = x.numel();
  const uint64_t threshold = static_cast<uint64_t>(std::ceil(rate * 4294967296.0));
  const float scale = rate < 1 ? static_cast<float>(1 / (1 - rate)) : 0.f;
  const float* from = x.data_ptr<float>();
  float* to = y.data_ptr<float>();
  at::parallel_for(0, (count + 3) / 4, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      uint32_t bits[4];
      philox4x32(group, static_cast<uint32_t>(seed), bits);
      for (int64_t i = 4 * group; i < std::min(4 * group + 4, count); ++i)
        to[i] = bits[i & 3] >= threshold ? from[i] * scale : 0.f;
    }
  });
  return y;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { m.impl("dropout", &foveal::dropout); }
