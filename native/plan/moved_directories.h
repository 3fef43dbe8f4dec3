// Finds directories that were moved or renamed with everything in them.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "plan/plan.h"

namespace cura {

// Where a planned directory was, and how many entries are below it.
struct DirectoryMove {
  DirId from = kNoDir;
  std::uint64_t entries = 0;
};

struct DirectoryMoves {
  std::unordered_map<DirRef, DirectoryMove> to;  // by the number in the plan, with kPlannedBit
  std::unordered_set<DirId> from;                // the numbers in the previous manifest
  // Entries that are neither files nor directories. The plan knows them as new and as deleted.
  std::uint64_t others = 0;
};

// Only directories that hold a moved file, or whose subdirectories do: nothing else shows where an
// entry was.
DirectoryMoves FindDirectoryMoves(const Plan& plan, const Previous& previous);

}  // namespace cura
