// Runs a bounded pool of threads that processes a stack of items.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "platform/sys.h"

namespace cura {

// The pending items. Last in, first out: a tree is then walked depth first, so that few directories
// wait with an open descriptor.
template <typename Item>
class WorkStack {
 public:
  void Push(Item item) {
    {
      const std::lock_guard lock(mutex_);
      items_.push_back(std::move(item));
    }
    wakeup_.notify_one();
  }

  // Blocks while other threads may still push. Returns nothing if all items are done, after Stop,
  // or if `quits` returns true, which is called from time to time.
  template <typename Quits>
  std::optional<Item> Pop(const Quits& quits) {
    std::unique_lock lock(mutex_);
    while (!stopped_ && items_.empty() && busy_ > 0) {
      if (!WaitAWhile(&lock) && quits()) return std::nullopt;
    }
    if (stopped_ || items_.empty()) {
      wakeup_.notify_all();
      return std::nullopt;
    }
    ++busy_;
    Item item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

  // Call once for each item that was popped.
  void Done() {
    const std::lock_guard lock(mutex_);
    --busy_;
    if (busy_ == 0 && items_.empty()) wakeup_.notify_all();
  }

  // Makes every thread end after its current item.
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wakeup_.notify_all();
  }

 private:
  // Returns false after 100 ms. wait_for needs pthread_cond_clockwait, which glibc has only since
  // 2.30, and wait_until reads the clock without sys.h.
  bool WaitAWhile(std::unique_lock<std::mutex>* lock) {
    constexpr std::uint32_t kPatience_ns = 100'000'000;
    constexpr std::uint32_t kSecond_ns = 1'000'000'000;
    sys::Timestamp end;
    if (sys::Now(&end) != 0) {  // to ask again at once would keep the mutex from those at work
      wakeup_.wait(*lock);
      return true;
    }
    end.nsec += kPatience_ns;
    timespec until{};
    until.tv_sec = static_cast<time_t>(end.sec + end.nsec / kSecond_ns);
    until.tv_nsec = static_cast<long>(end.nsec % kSecond_ns);
    return pthread_cond_timedwait(wakeup_.native_handle(), lock->mutex()->native_handle(),
                                  &until) == 0;
  }

  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::vector<Item> items_;
  size_t busy_ = 0;
  bool stopped_ = false;
};

// Calls `work(item)` for every item, in at most `most` threads including the caller's, as the
// budget allows. `work` may push more items. If the system refuses threads, fewer do the work.
template <typename Item, typename Work>
void RunPool(ThreadBudget* budget, size_t most, WorkStack<Item>* stack, const Work& work) {
  ThreadShare share(budget, most);
  auto help = [&] {
    bool has_yielded = false;
    const auto yields = [&] { return has_yielded = share.Yield(); };
    while (!yields()) {
      auto item = stack->Pop(yields);
      if (!item) break;
      work(std::move(*item));
      stack->Done();
    }
    if (!has_yielded) share.Leave();
  };
  using Help = decltype(help);
  // std::thread would throw if the system has no more threads.
  const auto run = [](void* shared) -> void* {
    (*static_cast<Help*>(shared))();
    return nullptr;
  };
  std::vector<pthread_t> helpers;
  const auto grow = [&] {
    while (share.Take()) {
      pthread_t helper{};
      if (pthread_create(&helper, nullptr, run, &help) != 0) return share.Refuse();
      helpers.push_back(helper);
    }
  };
  while (auto item = stack->Pop([] { return false; })) {
    grow();  // at the start, and when another job has ended
    work(std::move(*item));
    stack->Done();
  }
  for (const pthread_t helper : helpers) pthread_join(helper, nullptr);
}

}  // namespace cura
