#include "../optimizer_steps.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "packed_convolution.h"

namespace foveal {
namespace {

struct Chunk {
  int64_t tensor, begin, end;
};

// Small enough to spread over the threads evenly, large enough that the bookkeeping disappears.
constexpr int64_t kChunk = 1 << 14;

struct Cpu {
  template <typename Update>
  static void apply(const optimizer::Step& step, const Update& update) {
    PackedFilters::all().clear();
    std::vector<Chunk> chunks;
    for (size_t t = 0; t < step.params.size(); ++t)
      for (int64_t begin = 0, n = step.params[t].numel(); begin < n; begin += kChunk)
        chunks.push_back({static_cast<int64_t>(t), begin, std::min(begin + kChunk, n)});

    at::parallel_for(0, chunks.size(), 1, [&](int64_t first, int64_t last) {
      for (int64_t c = first; c < last; ++c) {
        const auto [t, begin, end] = chunks[c];
        float* p = step.params[t].data_ptr<float>();
        const float* g = step.grads[t].data_ptr<float>();
        run<Update>(update, p, g, state<0, Update>(step, t), state<1, Update>(step, t), begin, end);
      }
    });
  }

 private:
  template <int index, typename Update>
  static float* state(const optimizer::Step& step, int64_t t) {
    return index < Update::kStates ? step.states[index][t].template data_ptr<float>() : nullptr;
  }

  template <typename Update>
  static void run(Update update, float* p, const float* g, float* a, float* b, int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) {
      float param = p[i], first = 0, second = 0;
      if constexpr (Update::kStates > 0) first = a[i];
      if constexpr (Update::kStates > 1) second = b[i];
      update(param, g[i], first, second);
      p[i] = param;
      if constexpr (Update::kStates > 0) a[i] = first;
      if constexpr (Update::kStates > 1) b[i] = second;
    }
  }
};

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) { foveal::OptimizerSteps<foveal::Cpu>::register_on(m); }
