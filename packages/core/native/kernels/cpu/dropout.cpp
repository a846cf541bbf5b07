#include "../dropout.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

namespace foveal {
namespace {

using at::Tensor;

constexpr int kLanes = 64, kBlock = 4 * kLanes;

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
  at::parallel_for(0, (count + kBlock - 1) / kBlock, 64, [&](int64_t begin, int64_t end) {
    const DropoutAttrs local = attrs;  // lest it be read again after each store
    for (int64_t block = begin; block < end; ++block) {
      uint32_t bits[4][kLanes];
      philox4x32(block * kLanes, attrs.seed, bits);
      const float* a = from + block * kBlock;
      float* b = to + block * kBlock;
      if ((block + 1) * kBlock <= count) {
#pragma omp simd
        for (int l = 0; l < kLanes; ++l)
          for (int word = 0; word < 4; ++word) b[4 * l + word] = local.apply(a[4 * l + word], bits[word][l]);
      } else {
        for (int i = 0; i < count - block * kBlock; ++i) b[i] = local.apply(a[i], bits[i % 4][i / 4]);
      }
    }
  });
  return y;
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { m.impl("dropout", &foveal::dropout); }
