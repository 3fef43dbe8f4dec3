// Shares threads among all jobs of a process.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace cura {

// Limits the number of threads that work at the same time, for any number of jobs. Must outlive its
// shares.
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
  std::atomic<size_t> hungry_ = 0;  // shares with fewer threads than their part
};

// The threads of one pool. The thread that creates the share always belongs to it, even above the
// budget, so every job makes progress. A pool may also use threads that no other pool wants. It
// returns them once another pool has less than its part, which is the budget divided by the number
// of pools.
class ThreadShare {
 public:
  // For a pool that can use at most `wanted` threads.
  ThreadShare(ThreadBudget* budget, size_t wanted) : budget_(budget), wanted_(wanted) {
    ++budget_->shares_;
    ++budget_->used_;
  }
  ThreadShare(const ThreadShare&) = delete;
  ThreadShare& operator=(const ThreadShare&) = delete;
  // Call after the other threads have ended.
  ~ThreadShare() {
    SetHungry(false);
    --budget_->used_;
    --budget_->shares_;
  }

  // Whether one more thread may start. Only for the thread that created the share.
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
  // The system refused the thread, so take no more.
  void Refuse() {
    Leave();
    wanted_ = own_;
    SetHungry(false);
  }
  // Whether the calling thread must end in favor of another pool. If so, it has been returned. Not
  // for the thread that created the share.
  bool Yield() {
    if (budget_->hungry_ == 0) return false;
    size_t own = own_;
    do {
      if (own <= Part()) return false;
    } while (!own_.compare_exchange_weak(own, own - 1));
    --budget_->used_;
    return true;
  }
  // Returns a thread that ends because no work is left.
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
