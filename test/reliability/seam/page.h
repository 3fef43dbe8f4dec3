// What a test and the test build of the addon share: one page of memory in a file, which says what
// is to go wrong. ../page.ts writes and reads it, by these very offsets.
#pragma once

#include <atomic>
#include <cstdint>

namespace cura::faults {

enum class Action : std::uint32_t {
  kNone = 0,
  kError = 1,     // the call fails with errno `value` and does nothing
  kShort = 2,     // a read, write or copy does half of what it was asked for, at least one byte
  kDelay = 3,     // the call is made after `value` milliseconds
  kSignal = 4,    // the process gets signal `value`, and goes on if it may
  kPowerCut = 5,  // the filesystem of `mount` is shut down as `value` says, then SIGKILL
  kSkip = 6,      // the call does nothing and says that it worked
  kFollow = 7,    // the call follows symbolic links: a weakened program, as a control
};

enum Flags : std::uint32_t {
  kMutatingOnly = 1,  // only calls that change a filesystem are counted
  kOneThread = 2,     // the addon gets no threads, so that runs are alike
};

struct Page {
  std::atomic<std::uint64_t> calls;  // counted so far, over all threads
  std::atomic<std::uint64_t> hits;   // how many of them were acted upon
  std::uint64_t first;               // the calls that are acted upon, counted from 1
  std::uint64_t last;
  Action action;
  std::int32_t value;
  std::uint32_t flags;
  std::uint32_t unused;
  char only[32];    // count just the calls of this name; empty: all
  char hit[32];     // the name of the call that was acted upon first
  char mount[256];  // where a power cut happens
  char weaken[64];  // names, with a space after each, of calls that are always skipped; or "fsid"
                    // and "clock", see faults.cc
};

constexpr unsigned kPageSize = 4096;
static_assert(sizeof(Page) <= kPageSize);
static_assert(offsetof(Page, only) == 48);
static_assert(offsetof(Page, mount) == 112);
static_assert(offsetof(Page, weaken) == 368);

}  // namespace cura::faults
