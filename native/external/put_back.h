// Puts back what the filler of a work directory could not read, as the previous snapshot has it.
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "tree/tree_editor.h"

namespace cura {

struct PutBackOptions {
  std::shared_ptr<Dir> stored;  // the previous snapshot, opened for paths
  std::shared_ptr<Dir> work;    // the same
  JobContext job;
};

// Links each path that is missing in the work directory, but not its parent, and is no directory in
// the previous snapshot; the inodes that were linked. What cannot be linked is reported. A
// directory that this user can no longer enter gets back its mode and time, as the next snapshot
// could not be made from it otherwise.
Result<std::unordered_set<std::uint64_t>> Carry(const PutBackOptions& options,
                                                const std::vector<SplitPath>& paths);

}  // namespace cura
