// The current stream of a tensor's device, which is made current for the scope.
#pragma once

#include <ATen/ATen.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

#include "launchers.h"

namespace foveal {

using at::Tensor;

struct OnDevice {
  explicit OnDevice(const Tensor& x)
      : guard(x.device()), stream(c10::cuda::getCurrentCUDAStream().stream()) {}

  /** Whether the launches since were accepted; it does not wait for them. */
  void check_launch() const { C10_CUDA_KERNEL_LAUNCH_CHECK(); }

  c10::cuda::CUDAGuard guard;
  cudaStream_t stream;
};

inline void check_float(const char* name, const Tensor& x, const Tensor& like) {
  TORCH_CHECK(x.scalar_type() == at::kFloat && x.device() == like.device(), name, ": expected float32 on ",
              like.device(), ", got ", x.scalar_type(), " on ", x.device());
}

}  // namespace foveal
