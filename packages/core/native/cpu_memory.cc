#include "cpu_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>

#include <cstring>
#include <mutex>

#include "block_pool.h"

namespace foveal {
namespace {

constexpr size_t kLarge = size_t{1} << 20;
// A training step frees and takes the same blocks again, here and, for oneDNN, on the heap. By default that
// gives its end back each time that 2 × the largest block is free, and takes it again page by page: 15 % of a
// ResNet-20 step. Its blocks of 32 MB and more, which is glibc's limit, still go straight back to the system.
constexpr int kKeptFree = 512 << 20;
constexpr int kMapped = 32 << 20;

/** Torch's own allocator, but that large blocks come from a pool: on the heap, between smaller ones, they
 * leave holes, half of it after a step of ResNet-18. Torch 1.13 and 2.x declare other virtual functions. */
class PooledAllocator final : public c10::Allocator {
 public:
  explicit PooledAllocator(c10::Allocator* base) {
    base_ = base;
    base_deleter_ = base->raw_deleter();
  }

  // Const in torch 1.13, not in 2.x; copy_data is of 2.x. Hence no `override` here.
  c10::DataPtr allocate(size_t size) const { return take(size); }
  c10::DataPtr allocate(size_t size) { return take(size); }
  void copy_data(void* to, const void* from, size_t count) const { std::memcpy(to, from, count); }
  c10::DeleterFnPtr raw_deleter() const override { return &free; }

 private:
  static c10::DataPtr take(size_t size) {
    void* block = size >= kLarge ? pool().take(size) : nullptr;
    // Without memory the base says so.
    return block ? c10::DataPtr(block, block, &free, c10::DeviceType::CPU) : base_->allocate(size);
  }

  static void free(void* block) {
    if (block && !pool().give_back(block)) base_deleter_(block);
  }

  static BlockPool& pool() {
    static auto* blocks = new BlockPool(kKeptFree);  // tensors may outlive everything of ours
    return *blocks;
  }

  static inline c10::Allocator* base_;
  static inline c10::DeleterFnPtr base_deleter_;
};

}  // namespace

void tune_cpu_memory() {
  static std::once_flag once;
  std::call_once(once, [] {
    mallopt(M_TRIM_THRESHOLD, kKeptFree);
    mallopt(M_MMAP_THRESHOLD, kMapped);
    // Never deleted: tensors may outlive everything of ours.
    c10::SetCPUAllocator(new PooledAllocator(c10::GetCPUAllocator()), 1);
  });
}

}  // namespace foveal
