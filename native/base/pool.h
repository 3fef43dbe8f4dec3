// A bounded pool of threads that works off a stack of items.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace cura {

// What is left to do. Last in, first out: a tree is walked depth first, so few directories wait
// with an open descriptor.
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

  // Blocks while others may still push. Nothing: all is done, or the work was stopped.
  std::optional<Item> Pop() {
    std::unique_lock lock(mutex_);
    wakeup_.wait(lock, [&] { return stopped_ || !items_.empty() || busy_ == 0; });
    if (stopped_ || items_.empty()) {
      wakeup_.notify_all();
      return std::nullopt;
    }
    ++busy_;
    Item item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

  // Each item that was popped is done once.
  void Done() {
    const std::lock_guard lock(mutex_);
    --busy_;
    if (busy_ == 0 && items_.empty()) wakeup_.notify_all();
  }

  // Lets every thread end after its current item.
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wakeup_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::vector<Item> items_;
  size_t busy_ = 0;
  bool stopped_ = false;
};

// Calls `work(item)` for every item, in `threads` threads of which the caller is one.
// `work` may push more. Where the system gives fewer threads, fewer do the work.
template <typename Item, typename Work>
void RunPool(size_t threads, WorkStack<Item>* stack, const Work& work) {
  auto loop = [&] {
    while (auto item = stack->Pop()) {
      work(std::move(*item));
      stack->Done();
    }
  };
  using Loop = decltype(loop);
  // Not std::thread, which would throw where the system has no more threads.
  const auto run = [](void* shared) -> void* {
    (*static_cast<Loop*>(shared))();
    return nullptr;
  };
  std::vector<pthread_t> helpers;
  for (size_t i = 1; i < threads; ++i) {
    pthread_t helper{};
    if (pthread_create(&helper, nullptr, run, &loop) != 0) break;
    helpers.push_back(helper);
  }
  loop();
  for (const pthread_t helper : helpers) pthread_join(helper, nullptr);
}

}  // namespace cura
