// How a running job is watched and stopped from another thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace cura {

enum class Phase : std::uint8_t { kScan, kApply, kSync, kRemove };

// Written by a job's threads, read by the main one at any time.
struct Monitor {
  std::atomic<bool> abort = false;
  std::atomic<Phase> phase = Phase::kScan;
  std::atomic<std::uint64_t> entries = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> reads = 0;  // of what is only compared: signs of life
  std::atomic<std::uint64_t> freed = 0;  // bytes on disk, by removing
  std::atomic<std::uint64_t> total_entries = 0;
  std::atomic<std::uint64_t> total_bytes = 0;
};

}  // namespace cura
