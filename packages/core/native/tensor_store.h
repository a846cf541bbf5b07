// The tensors that JavaScript holds, under integer handles. One store belongs to one JavaScript environment.
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace foveal {

struct StoreUsage {
  int64_t tensors = 0;
  int64_t bytes = 0;  // of distinct storages: a view costs nothing
};

class TensorStore {
 public:
  int64_t put(at::Tensor tensor);
  const at::Tensor& get(int64_t handle) const;
  void replace(int64_t handle, at::Tensor tensor);
  void free(int64_t handle);
  void clear();
  StoreUsage usage() const;

 private:
  std::vector<at::Tensor> slots_;
  std::vector<int64_t> free_;
};

}  // namespace foveal
