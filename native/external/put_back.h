// Puts back entries that the filling program could not read, as the previous snapshot has them.
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "tree/tree_editor.h"

namespace cura {

struct PutBackOptions {
  std::shared_ptr<Dir> stored;  // the previous snapshot, opened with kOpenPath
  std::shared_ptr<Dir> work;    // the work directory, opened with kOpenPath
  JobContext job;
};

// Links each path that the work directory lacks, if its parent exists and it is no directory in the
// previous snapshot. Returns the inodes that were linked, and reports paths that cannot be linked.
// A directory that this user can no longer enter gets back its stored mode and time, because the
// next snapshot could not be made from it otherwise.
Result<std::unordered_set<std::uint64_t>> Carry(const PutBackOptions& options,
                                                const std::vector<SplitPath>& paths);

}  // namespace cura
