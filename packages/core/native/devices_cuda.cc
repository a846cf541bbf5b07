#include <cuda_runtime_api.h>

#include "devices.h"

namespace foveal {

std::vector<DeviceInfo> list_devices() {
  std::vector<DeviceInfo> devices = {{"cpu", "", 0}};
  int count = 0;
  // A machine without a driver is no error: it has the CPU.
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();
    return devices;
  }
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties;
    if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) continue;
    devices.push_back(
        {"cuda:" + std::to_string(i), properties.name, static_cast<int64_t>(properties.totalGlobalMem)});
  }
  return devices;
}

}  // namespace foveal
