// Capacities from what the system has.
#include "base/capacity.h"

#include <algorithm>
#include <thread>

#include "platform/sys.h"

namespace cura {

namespace {

// Descriptors that one thread works on: both files, their directories and those above.
constexpr size_t kWorking = 8;

}  // namespace

size_t DescriptorBudget() {
  // Sources and store share what Node has not open itself and what threads do not work on.
  constexpr size_t kSides = 2;
  constexpr size_t kNodes = 32;
  constexpr size_t kMost = 512;
  const size_t limit = sys::DescriptorLimit();
  const size_t taken = kNodes + ScanThreads() * kWorking;
  const size_t left = limit > taken ? limit - taken : 0;
  return std::clamp<size_t>(std::min(left, limit / 2) / kSides, 2, kMost);
}

size_t ScanThreads() {
  // A cold disk sets their number, not cores. At most half of the descriptors are theirs.
  constexpr size_t kMost = 16;
  return std::clamp<size_t>(sys::DescriptorLimit() / 2 / kWorking, 2, kMost);
}

size_t ApplyThreads() {
  constexpr size_t kMost = 8;
  const size_t cores = std::clamp<size_t>(std::thread::hardware_concurrency(), 2, kMost);
  return std::min(cores, ScanThreads());
}

}  // namespace cura
