#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_map>

namespace foveal {

/** Large blocks of memory, page by page from the system. What is free is kept for the next block, so that a
 * training step does not touch new pages each time; and as new pages are taken only while little is free, or
 * after free ones went back, all together holds hardly more than what was in use at once. Any thread may
 * call. */
class BlockPool {
 public:
  /** @param most_free Bytes kept that nobody uses. */
  explicit BlockPool(size_t most_free) : most_free_(most_free) {}

  /** A block of undefined content that starts with a line of the cache; null if the system has none. */
  void* take(size_t size);

  /** Whether it was a block of this pool. */
  bool give_back(void* block);

 private:
  using Ranges = std::map<uintptr_t, size_t>;

  uintptr_t find(size_t size);
  uintptr_t cut(Ranges::iterator range, size_t size);
  void keep(uintptr_t begin, size_t size);
  void release(size_t size);

  const size_t most_free_;
  std::mutex mutex_;
  std::unordered_map<uintptr_t, size_t> used_;
  Ranges free_;  // by address; neighbours are one
  size_t free_bytes_ = 0, taken_ = 0;
};

}  // namespace foveal
