// The threads that all jobs of a process have together.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace cura {

// How many threads work at the same time, whatever the number of jobs. Must outlive their shares.
class ThreadBudget {
 public:
  explicit ThreadBudget(size_t most) : most_(most) {}
  ThreadBudget(const ThreadBudget&) = delete;
  ThreadBudget& operator=(const ThreadBudget&) = delete;

 private:
  friend class ThreadShare;

  const size_t most_;
  std::atomic<size_t> used_ = 0;
  std::atomic<size_t> shares_ = 0;
  std::atomic<size_t> hungry_ = 0;  // shares that have less than their part
};

// The threads of one pool. The thread that makes the share always belongs to it, even above the
// budget, so every job goes on. Beyond that a pool may use what nobody else wants; as soon as
// another one has less than its part (the budget divided by the number of pools), it gives threads
// back.
class ThreadShare {
 public:
  // For a pool that has work for at most `wanted` threads.
  ThreadShare(ThreadBudget* budget, size_t wanted) : budget_(budget), wanted_(wanted) {
    ++budget_->shares_;
    ++budget_->used_;
  }
  ThreadShare(const ThreadShare&) = delete;
  ThreadShare& operator=(const ThreadShare&) = delete;
  // When the other threads have ended.
  ~ThreadShare() {
    SetHungry(false);
    --budget_->used_;
    --budget_->shares_;
  }

  // Whether one more thread may start. Only for the thread that made the share.
  bool Take() {
    const bool is_entitled = own_ < std::min(wanted_, Part());
    const bool may_ask = is_entitled || (own_ < wanted_ && budget_->hungry_ == 0);
    size_t used = budget_->used_;
    bool is_taken = false;
    while (may_ask && !is_taken && used < budget_->most_) {
      is_taken = budget_->used_.compare_exchange_weak(used, used + 1);
    }
    if (is_taken) ++own_;
    SetHungry(own_ < std::min(wanted_, Part()));
    return is_taken;
  }
  // The system did not give the thread that was taken, and is not asked again.
  void Refuse() {
    Leave();
    wanted_ = own_;
    SetHungry(false);
  }
  // Whether the calling thread, not the one that made the share, has to end for another pool. It is
  // given back then.
  bool Yield() {
    if (budget_->hungry_ == 0) return false;
    size_t own = own_;
    do {
      if (own <= Part()) return false;
    } while (!own_.compare_exchange_weak(own, own - 1));
    --budget_->used_;
    return true;
  }
  // Gives back a thread that ends because there is nothing left to do.
  void Leave() {
    --own_;
    --budget_->used_;
  }

 private:
  [[nodiscard]] size_t Part() const {
    return std::max<size_t>(budget_->most_ / std::max<size_t>(budget_->shares_, 1), 1);
  }
  void SetHungry(bool is_hungry) {
    if (is_hungry == is_hungry_) return;
    is_hungry_ = is_hungry;
    if (is_hungry) {
      ++budget_->hungry_;
    } else {
      --budget_->hungry_;
    }
  }

  ThreadBudget* const budget_;
  size_t wanted_;
  std::atomic<size_t> own_ = 1;
  bool is_hungry_ = false;
};

}  // namespace cura
