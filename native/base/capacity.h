// How much of the machine one job may take.
#pragma once

#include <cstddef>

namespace cura {

// How many idle directories one side of a job may keep open.
size_t DescriptorBudget();

// Threads for work that waits for a disk, and for work that fills one.
size_t ScanThreads();
size_t ApplyThreads();

}  // namespace cura
