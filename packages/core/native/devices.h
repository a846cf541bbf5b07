// What the machine offers. devices_cpu.cc answers in a CPU build, devices_cuda.cc where torch was built with
// CUDA.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace foveal {

struct DeviceInfo {
  std::string name;         // cpu, cuda:0, …
  std::string description;  // of the hardware, may be empty
  int64_t memory;           // bytes, 0 where unknown
};

std::vector<DeviceInfo> list_devices();

}  // namespace foveal
