// Derives capacities from the limits of the system.
#include "base/capacity.h"

#include <algorithm>
#include <thread>

#include "platform/sys.h"

namespace cura {

namespace {

// Descriptors that one thread uses: both files, their directories and the parents.
constexpr size_t kWorking = 8;

// The number of jobs that Node runs besides the first one. Each has at least one thread, even if
// another job uses all the others.
constexpr size_t kOtherJobs = 3;

}  // namespace

size_t IdleDirectories() {
  // The descriptors that neither Node nor working threads need. kLeast keeps at least the sources
  // and the store usable.
  constexpr size_t kNodes = 32;
  constexpr size_t kLeast = 4;
  constexpr size_t kMost = 1024;
  const size_t limit = sys::DescriptorLimit();
  const size_t taken = kNodes + (MostThreads() + kOtherJobs) * kWorking;
  const size_t left = limit > taken ? limit - taken : 0;
  return std::clamp<size_t>(std::min(left, limit / 2), kLeast, kMost);
}

size_t MostThreads() {
  // A cold disk determines this number, not the cores. Threads use at most half of the descriptors.
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
