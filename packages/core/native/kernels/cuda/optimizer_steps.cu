#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

// One block takes one chunk of one tensor after another; the table says which tensor a chunk belongs to.
template <typename Update>
__global__ void step_kernel(StepTable table, Update update) {
  for (int64_t chunk = blockIdx.x; chunk < table.chunk[table.tensors]; chunk += gridDim.x) {
    int low = 0, high = table.tensors;  // table.chunk[low] <= chunk < table.chunk[high]
    while (high - low > 1) {
      const int middle = (low + high) / 2;
      (table.chunk[middle] <= chunk ? low : high) = middle;
    }
    const int64_t begin = (chunk - table.chunk[low]) * StepTable::kChunk;
    const int64_t end =
        begin + StepTable::kChunk < table.count[low] ? begin + StepTable::kChunk : table.count[low];
    float *param = table.param[low], *first = table.first[low], *second = table.second[low];
    const float* grad = table.grad[low];
    for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
      float p = param[i], a = 0, b = 0;
      if (Update::kStates > 0) a = first[i];
      if (Update::kStates > 1) b = second[i];
      update(p, grad[i], a, b);
      param[i] = p;
      if (Update::kStates > 0) first[i] = a;
      if (Update::kStates > 1) second[i] = b;
    }
  }
}

}  // namespace

template <typename Update>
void launch_optimizer_step(const StepTable& table, const Update& update, cudaStream_t stream) {
  const int64_t chunks = table.chunk[table.tensors];
  if (chunks == 0) return;
  step_kernel<<<blocks_for(chunks, 1), kThreads, 0, stream>>>(table, update);
}

template void launch_optimizer_step(const StepTable&, const PlainSgd&, cudaStream_t);
template void launch_optimizer_step(const StepTable&, const MomentumSgd&, cudaStream_t);
template void launch_optimizer_step(const StepTable&, const Adam&, cudaStream_t);
template void launch_optimizer_step(const StepTable&, const PlainRmsProp&, cudaStream_t);
template void launch_optimizer_step(const StepTable&, const MomentumRmsProp&, cudaStream_t);
template void launch_optimizer_step(const StepTable&, const AdaGrad&, cudaStream_t);
template void launch_optimizer_step(const StepTable&, const AdaDelta&, cudaStream_t);

}  // namespace foveal
