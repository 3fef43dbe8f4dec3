// Capacities from what the system has.
#include "capacity.h"

#include <algorithm>
#include <thread>

#include "platform/sys.h"

namespace cura {

size_t DescriptorBudget() {
  // Half for idle directories, shared by sources and store; the rest for what threads work on.
  constexpr size_t kSides = 2;
  constexpr size_t kMost = 512;
  return std::clamp<size_t>(sys::DescriptorLimit() / 2 / kSides, 8, kMost);
}

size_t ScanThreads() {
  // What a cold disk is waited for, not cores, sets their number; each may hold a few descriptors.
  constexpr size_t kMost = 16;
  constexpr size_t kDescriptorsEach = 16;
  return std::clamp<size_t>(sys::DescriptorLimit() / kDescriptorsEach, 4, kMost);
}

size_t ApplyThreads() {
  constexpr size_t kMost = 8;
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 2, kMost);
}

}  // namespace cura
