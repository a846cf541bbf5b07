// Threads for work of microseconds. OpenMP's either sleep after each piece, and waking them takes as long as
// a layer of a small network, or they spin, and on a busy machine keep the cores from the very threads they
// wait for. These look for more for a moment, letting others run in between, and only then sleep; and who
// asks never waits for one that has not come: it does the work itself.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace foveal {

class EagerThreads {
 public:
  /** Calls f(from, to) for chunks of [0, count), on up to `threads` threads; the caller's is one. */
  template <typename F>
  static void share(int64_t count, int64_t chunk, int64_t threads, const F& f) {
    EagerThreads& all = instance();
    std::unique_lock<std::mutex> mine(all.busy_, std::defer_lock);
    // Another thread of Node may be at it.
    if (threads < 2 || count <= chunk || !mine.try_lock()) return count > 0 ? f(0, count) : void();
    all.run({&f, [](const void* g, int64_t from, int64_t to) { (*static_cast<const F*>(g))(from, to); },
             count, chunk},
            threads - 1);
  }

 private:
  struct Work {
    const void* f;
    void (*call)(const void*, int64_t, int64_t);
    int64_t count, chunk;
  };

  static EagerThreads& instance() {
    static auto* all = new EagerThreads;  // the threads outlive every static
    return *all;
  }

  void run(const Work& work, int64_t helpers) {
    for (; threads_ < helpers; ++threads_) std::thread([this] { help(); }).detach();
    work_ = work;
    next_ = 0;
    places_ = helpers;
    ++round_;
    if (sleeping_ > 0) {
      { const std::lock_guard<std::mutex> lock(sleep_); }
      wake_.notify_all();
    }
    take_all();
    // From here on none comes in; those that are in end their last chunk.
    places_ = 0;
    while (inside_ > 0) std::this_thread::yield();
  }

  void take_all() {
    for (int64_t from; (from = next_.fetch_add(work_.chunk)) < work_.count;)
      work_.call(work_.f, from, std::min(from + work_.chunk, work_.count));
  }

  void help() {
    for (int64_t seen = 0;;) {
      wait(seen);
      seen = round_;
      ++inside_;
      if (places_-- > 0) take_all();
      --inside_;
    }
  }

  /** Until there is another round. */
  void wait(int64_t seen) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
    while (round_ == seen) {
      std::this_thread::yield();
      if (std::chrono::steady_clock::now() < end) continue;
      std::unique_lock<std::mutex> lock(sleep_);
      ++sleeping_;
      wake_.wait(lock, [&] { return round_ != seen; });
      --sleeping_;
    }
  }

  std::mutex busy_, sleep_;
  std::condition_variable wake_;
  int64_t threads_ = 0;
  Work work_{};
  // Sequentially consistent: a helper that finds a place after it counted itself in is waited for.
  std::atomic<int64_t> round_{0}, next_{0}, places_{0}, inside_{0}, sleeping_{0};
};

}  // namespace foveal
