// Capacities from what the system has.
#include "base/capacity.h"

#include <algorithm>
#include <thread>

#include "platform/sys.h"

namespace cura {

namespace {

// Descriptors that one thread works on: both files, their directories and those above.
constexpr size_t kWorking = 8;

// Node runs so many jobs at a time besides the first one. Each has one thread, even when another
// job has taken all.
constexpr size_t kOtherJobs = 3;

}  // namespace

size_t IdleDirectories() {
  // What Node has not open itself and what threads do not work on. At least sources and store have
  // to go on.
  constexpr size_t kNodes = 32;
  constexpr size_t kLeast = 4;
  constexpr size_t kMost = 1024;
  const size_t limit = sys::DescriptorLimit();
  const size_t taken = kNodes + (MostThreads() + kOtherJobs) * kWorking;
  const size_t left = limit > taken ? limit - taken : 0;
  return std::clamp<size_t>(std::min(left, limit / 2), kLeast, kMost);
}

size_t MostThreads() {
  // A cold disk sets their number, not cores. At most half of the descriptors are theirs.
  constexpr size_t kMost = 16;
  const size_t all = sys::DescriptorLimit() / 2 / kWorking;
  return std::clamp<size_t>(all > kOtherJobs ? all - kOtherJobs : 0, 2, kMost);
}

size_t ApplyThreads() {
  constexpr size_t kMost = 8;
  const size_t cores = std::clamp<size_t>(std::thread::hardware_concurrency(), 2, kMost);
  return std::min(cores, MostThreads());
}

}  // namespace cura
