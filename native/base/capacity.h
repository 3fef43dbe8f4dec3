// How much of the machine the jobs of one process may take.
#pragma once

#include <cstddef>

namespace cura {

// How many directories on which no thread works may stay open, of all jobs together.
size_t IdleDirectories();

// Threads of all jobs together, and as many as are of use to work that fills a disk. What only
// reads can use them all, since it waits most of the time.
size_t MostThreads();
size_t ApplyThreads();

}  // namespace cura
