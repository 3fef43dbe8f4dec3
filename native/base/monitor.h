// Watches and stops a running job from another thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace cura {

// Names of phases, as JavaScript receives them. A job may use other string literals.
inline constexpr const char* kScanPhase = "scan";
inline constexpr const char* kApplyPhase = "apply";
inline constexpr const char* kSyncPhase = "sync";
inline constexpr const char* kRemovePhase = "remove";
inline constexpr const char* kReadPhase = "read";
inline constexpr const char* kRestorePhase = "restore";

// The directory that a job works in, as a sample for the main thread. A path is made only after the
// main thread has asked, so that a job of many directories does not pay for each.
class Whereabouts {
 public:
  // A job calls this for each directory. `path` returns its path.
  template <typename Path>
  void Pass(const Path& path) {
    if (!is_asked_.load(std::memory_order_relaxed) || !is_asked_.exchange(false)) return;
    std::string made = path();
    const std::lock_guard lock(mutex_);
    path_ = std::move(made);
  }

  // Returns the last sample, which may be empty, and asks for another.
  [[nodiscard]] std::string Ask() {
    is_asked_ = true;
    const std::lock_guard lock(mutex_);
    return path_;
  }

  void Forget() {
    const std::lock_guard lock(mutex_);
    path_.clear();
  }

 private:
  std::atomic<bool> is_asked_ = false;
  std::mutex mutex_;
  std::string path_;  // guarded by mutex_
};

// Counters that a job's threads write and the main thread reads at any time, for display only. A
// job keeps its own counts for its results.
struct Monitor {
  explicit Monitor(std::uint64_t number) : id(number) {}

  const std::uint64_t id;  // unique in this process; all stages of a snapshot share it
  std::atomic<bool> abort = false;
  std::atomic<const char*> phase = kScanPhase;
  std::atomic<std::uint64_t> entries = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> reads = 0;  // bytes that are only compared, to show progress
  std::atomic<std::uint64_t> total_entries = 0;
  std::atomic<std::uint64_t> total_bytes = 0;
  Whereabouts whereabouts;

  // Begins a phase. Resets all counts except `reads`. Totals are 0 if unknown.
  void Begin(const char* name, std::uint64_t entries_to_do = 0, std::uint64_t bytes_to_do = 0) {
    phase = name;
    entries = 0;
    bytes = 0;
    total_entries = entries_to_do;
    total_bytes = bytes_to_do;
    whereabouts.Forget();
  }
};

}  // namespace cura
