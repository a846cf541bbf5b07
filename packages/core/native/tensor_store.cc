#include "tensor_store.h"

#include <unordered_set>

namespace foveal {

int64_t TensorStore::put(at::Tensor tensor) {
  if (free_.empty()) {
    slots_.push_back(std::move(tensor));
    return static_cast<int64_t>(slots_.size()) - 1;
  }
  const int64_t handle = free_.back();
  free_.pop_back();
  slots_[handle] = std::move(tensor);
  return handle;
}

const at::Tensor& TensorStore::get(int64_t handle) const {
  TORCH_CHECK(handle >= 0 && handle < static_cast<int64_t>(slots_.size()) && slots_[handle].defined(),
              "the tensor under handle ", handle,
              " was freed: it was disposed, or belongs to another thread");
  return slots_[handle];
}

void TensorStore::replace(int64_t handle, at::Tensor tensor) {
  get(handle);
  slots_[handle] = std::move(tensor);
}

void TensorStore::free(int64_t handle) {
  get(handle);
  slots_[handle].reset();
  free_.push_back(handle);
}

void TensorStore::clear() {
  slots_.clear();
  free_.clear();
}

StoreUsage TensorStore::usage() const {
  StoreUsage usage;
  std::unordered_set<const void*> seen;
  for (const at::Tensor& tensor : slots_) {
    if (!tensor.defined()) continue;
    ++usage.tensors;
    if (!tensor.has_storage()) continue;
    const c10::StorageImpl* storage = tensor.storage().unsafeGetStorageImpl();
    if (seen.insert(storage).second) usage.bytes += static_cast<int64_t>(storage->nbytes());
  }
  return usage;
}

}  // namespace foveal
