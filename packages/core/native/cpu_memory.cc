#include "cpu_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <mutex>

namespace foveal {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLarge = size_t{1} << 20;
// A training step frees and takes the same blocks again. By default the heap gives its end back each time
// that 2 × the largest block is free, and takes it again page by page: 15 % of a ResNet-20 step. Blocks of 32
// MB and more, which is glibc's limit, still go straight back to the system.
constexpr int kKeptFree = 512 << 20;
constexpr int kMapped = 32 << 20;

/** Torch's own allocator, whose large blocks it marks. Torch 1.13 and 2.x declare other virtual functions. */
class HugePageAllocator final : public c10::Allocator {
 public:
  explicit HugePageAllocator(c10::Allocator* base) : base_(base) {}

  // Const in torch 1.13, not in 2.x; copy_data is of 2.x. Hence no `override` here.
  c10::DataPtr allocate(size_t size) const { return marked(base_->allocate(size), size); }
  c10::DataPtr allocate(size_t size) { return marked(base_->allocate(size), size); }
  void copy_data(void* to, const void* from, size_t count) const { std::memcpy(to, from, count); }
  c10::DeleterFnPtr raw_deleter() const override { return base_->raw_deleter(); }

 private:
  static c10::DataPtr marked(c10::DataPtr block, size_t size) {
    if (size >= kLarge) {
      // Neighbours on the same heap get huge pages too. It is a hint, so a refusal is no error.
      const auto begin = reinterpret_cast<uintptr_t>(block.get()) & ~(kHugePage - 1);
      const auto end = (reinterpret_cast<uintptr_t>(block.get()) + size + kHugePage - 1) & ~(kHugePage - 1);
      madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
    }
    return block;
  }

  c10::Allocator* base_;
};

}  // namespace

void tune_cpu_memory() {
  static std::once_flag once;
  std::call_once(once, [] {
    mallopt(M_TRIM_THRESHOLD, kKeptFree);
    mallopt(M_MMAP_THRESHOLD, kMapped);
    // Never deleted: tensors may outlive everything of ours.
    c10::SetCPUAllocator(new HugePageAllocator(c10::GetCPUAllocator()), 1);
  });
}

}  // namespace foveal
