// The page of memory, in a file, in which a test plans faults for the test build of the addon.
// ../page.ts has the same offsets.
#pragma once

#include <atomic>
#include <cstdint>

namespace cura::faults {

enum class Action : std::uint32_t {
  kNone = 0,
  kError = 1,     // the call fails with errno `value` and does nothing
  kShort = 2,     // a read, write or copy does half of its work, at least one byte
  kDelay = 3,     // the call is made after `value` milliseconds
  kSignal = 4,    // the process gets signal `value`, and continues if it survives
  kPowerCut = 5,  // shuts down the filesystem of `mount` as `value` says, then SIGKILL
  kSkip = 6,      // the call does nothing and reports success
  kFollow = 7,    // the call follows symlinks: a weakened program, as a control
};

enum Flags : std::uint32_t {
  kMutatingOnly = 1,  // count only calls that change a filesystem
  kOneThread = 2,     // the addon uses one thread, so that runs are alike
};

struct Page {
  std::atomic<std::uint64_t> calls;  // counted so far, over all threads
  std::atomic<std::uint64_t> hits;   // the number of calls hit
  std::uint64_t first;               // the first call to hit, counted from 1
  std::uint64_t last;
  Action action;
  std::int32_t value;
  std::uint32_t flags;
  std::uint32_t unused;
  char only[32];    // count only calls of this name; empty: all
  char hit[32];     // the name of the first call that was hit
  char mount[256];  // where a power cut happens
  char weaken[64];  // calls that are always skipped, each followed by a space; or "fsid"
                    // and "clock", see faults.cc
};

constexpr unsigned kPageSize = 4096;
static_assert(sizeof(Page) <= kPageSize);
static_assert(offsetof(Page, only) == 48);
static_assert(offsetof(Page, mount) == 112);
static_assert(offsetof(Page, weaken) == 368);

}  // namespace cura::faults
