#include "../optimizer_steps.h"

#include "on_device.h"

namespace foveal {
namespace {

struct Cuda {
  template <typename Update>
  static void apply(const optimizer::Step& step, const Update& update) {
    const size_t count = step.params.size();
    if (count == 0) return;
    const OnDevice on(step.params[0]);
    StepTable table;
    table.tensors = 0;
    table.chunk[0] = 0;
    for (size_t i = 0; i < count; ++i) {
      TORCH_CHECK(step.params[i].device() == step.params[0].device(),
                  "an optimizer's step takes the parameters of ", "one device, got ", step.params[0].device(),
                  " and ", step.params[i].device());
      const int t = table.tensors++;
      const auto state = [&](int index) {
        return index < Update::kStates ? step.states[index][i].template data_ptr<float>() : nullptr;
      };
      table.param[t] = step.params[i].data_ptr<float>();
      table.grad[t] = step.grads[i].data_ptr<float>();
      table.first[t] = state(0);
      table.second[t] = state(1);
      table.count[t] = step.params[i].numel();
      table.chunk[t + 1] = table.chunk[t] + (table.count[t] + StepTable::kChunk - 1) / StepTable::kChunk;
      if (table.tensors < StepTable::kTensors && i + 1 < count) continue;
      launch_optimizer_step(table, update, on.stream);
      on.check_launch();
      table.tensors = 0;
    }
  }
};

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) { foveal::OptimizerSteps<foveal::Cuda>::register_on(m); }
