// Marks the shared math of a kernel, so that one definition serves the CPU and CUDA.
#pragma once

#ifdef __CUDACC__
#define FOVEAL_HD __host__ __device__ __forceinline__
#else
#define FOVEAL_HD inline
#endif
