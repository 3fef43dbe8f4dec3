// How a running job is watched and stopped from another thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace cura {

// Names of phases, as JavaScript gets them. A job may have others: any literal will do.
inline constexpr const char* kScanPhase = "scan";
inline constexpr const char* kApplyPhase = "apply";
inline constexpr const char* kSyncPhase = "sync";
inline constexpr const char* kRemovePhase = "remove";

// Written by a job's threads, read by the main one at any time, and shown to people. No result is
// taken from here: a job counts what it reports itself.
struct Monitor {
  explicit Monitor(std::uint64_t number) : id(number) {}

  const std::uint64_t id;  // among the jobs of this process; one for all stages of a snapshot
  std::atomic<bool> abort = false;
  std::atomic<const char*> phase = kScanPhase;
  std::atomic<std::uint64_t> entries = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> reads = 0;  // of what is only compared: signs of life
  std::atomic<std::uint64_t> total_entries = 0;
  std::atomic<std::uint64_t> total_bytes = 0;

  // Begins a phase: all counts but the reads start at zero. Totals are 0 where they are not known.
  void Begin(const char* name, std::uint64_t entries_to_do = 0, std::uint64_t bytes_to_do = 0) {
    phase = name;
    entries = 0;
    bytes = 0;
    total_entries = entries_to_do;
    total_bytes = bytes_to_do;
  }
};

}  // namespace cura
