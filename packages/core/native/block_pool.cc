#include "block_pool.h"

#include <sys/mman.h>

#include <algorithm>

namespace foveal {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kLine = 64;
// Free pages that stay when new ones are taken: without any, each step of ResNet-18 clears 100 MB of new
// ones.
constexpr size_t kSpare = size_t{32} << 20;
constexpr size_t kHugePage = size_t{2} << 20;

constexpr size_t round_up(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

/** Pages of the system that begin and end with a huge one, or 0. */
uintptr_t map(size_t size) {
  void* pages = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return 0;
  const auto first = reinterpret_cast<uintptr_t>(pages);
  const uintptr_t begin = round_up(first, kHugePage), end = begin + size;
  if (begin > first) munmap(pages, begin - first);
  munmap(reinterpret_cast<void*>(end), first + kHugePage - begin);
  madvise(reinterpret_cast<void*>(begin), size, MADV_HUGEPAGE);  // a hint, so a refusal is no error
  return begin;
}

}  // namespace

void* BlockPool::take(size_t size) {
  size = round_up(size + kPage - kLine, kPage);
  const std::lock_guard<std::mutex> lock(mutex_);
  const uintptr_t begin = find(size);
  // Equal elements of blocks that all began with a page would compete for the same few lines of the cache.
  return begin ? reinterpret_cast<void*>(begin + kLine * (taken_++ * 5 % (kPage / kLine))) : nullptr;
}

uintptr_t BlockPool::find(size_t size) {
  auto best = free_.end();
  for (auto range = free_.begin(); range != free_.end(); ++range)
    if (range->second >= size && (best == free_.end() || range->second < best->second)) best = range;
  if (best != free_.end()) return cut(best, size);

  const size_t mapped = round_up(size, kHugePage);
  if (free_bytes_ > kSpare) release(std::min(mapped, free_bytes_ - kSpare));
  const uintptr_t begin = map(mapped);
  if (!begin) return 0;
  used_[begin] = size;
  if (mapped > size) keep(begin + size, mapped - size);
  return begin;
}

bool BlockPool::give_back(void* block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = used_.find(reinterpret_cast<uintptr_t>(block) / kPage * kPage);
  if (found == used_.end()) return false;
  const auto [begin, size] = *found;
  used_.erase(found);
  keep(begin, size);
  if (free_bytes_ > most_free_) release(free_bytes_ - most_free_);
  return true;
}

uintptr_t BlockPool::cut(Ranges::iterator range, size_t size) {
  const auto [begin, available] = *range;
  free_.erase(range);
  free_bytes_ -= size;
  if (available > size) free_[begin + size] = available - size;
  used_[begin] = size;
  return begin;
}

void BlockPool::keep(uintptr_t begin, size_t size) {
  free_bytes_ += size;
  auto next = free_.lower_bound(begin);
  if (next != free_.end() && next->first == begin + size) {
    size += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == begin) {
      before->second += size;
      return;
    }
  }
  free_[begin] = size;
}

/** Gives free pages back to the system, of the smallest ranges first: the least useful ones. */
void BlockPool::release(size_t size) {
  while (size > 0 && !free_.empty()) {
    const auto range = std::min_element(free_.begin(), free_.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    const auto [begin, available] = *range;
    const size_t part = std::min(available, round_up(size, kPage));
    munmap(reinterpret_cast<void*>(begin), part);
    free_.erase(range);
    if (part < available) free_[begin + part] = available - part;
    free_bytes_ -= part;
    size -= std::min(size, part);
  }
}

}  // namespace foveal
