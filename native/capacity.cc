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
  constexpr size_t kMost = 16;
  return std::clamp<size_t>(2 * std::thread::hardware_concurrency(), 4, kMost);
}

size_t ApplyThreads() {
  constexpr size_t kMost = 8;
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 2, kMost);
}

}  // namespace cura
