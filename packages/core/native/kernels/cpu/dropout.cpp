#include "../dropout.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

namespace foveal {
namespace {

using at::Tensor;

Tensor dropout(const Tensor& x_, double rate, int64_t seed) {
  TORCH_CHECK(x_.scalar_type() == at::kFloat, "dropout: expected float32, got ", x_.scalar_type());
  TORCH_CHECK(rate >= 0 && rate <= 1, "dropout: expected a rate in [0, 1], got ", rate);
  const auto x = x_.contiguous();
  const DropoutAttrs attrs(rate, seed);
  if (attrs.drops_all()) return at::zeros_like(x);
  auto y = at::empty_like(x);
  const int64_t count = x.numel();
  const float* from = x.data_ptr<float>();
  float* to = y.data_ptr<float>();
  at::parallel_for(0, count / 4, 4096, [&](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t group = begin; group < end; ++group) {
      uint32_t bits[4];
      philox4x32(group, attrs.seed, bits);
      for (int i = 0; i < 4; ++i) to[4 * group + i] = attrs.apply(from[4 * group + i], bits[i]);
    }
  });
  uint32_t bits[4];
  philox4x32(count / 4, attrs.seed, bits);
  for (int64_t i = count / 4 * 4; i < count; ++i) to[i] = attrs.apply(from[i], bits[i & 3]);
  return y;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { m.impl("dropout", &foveal::dropout); }
