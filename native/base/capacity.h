// Limits how much of the machine the jobs of one process use.
#pragma once

#include <cstddef>

namespace cura {

// How many directories may stay open while no thread uses them, for all jobs together.
size_t IdleDirectories();

// The number of threads of all jobs together, and the number useful for work that fills a disk.
// Work that only reads can use all threads, because it mostly waits.
size_t MostThreads();
size_t ApplyThreads();

}  // namespace cura
