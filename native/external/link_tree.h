// Links whole trees from the previous snapshot into a work directory, in parallel, one directory at
// a time. It goes by the stored directories themselves, not by their manifest.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tree/tree_editor.h"

namespace cura {

struct LinkedTree {
  std::uint64_t entries = 0;
  // Inodes that have as many names as their filesystem allows.
  std::vector<NamedInode> left_out;
};

struct LinkTreeOptions {
  std::shared_ptr<Dir> stored;  // the previous snapshot, opened to be listed
  std::shared_ptr<Dir> work;    // the same, and empty
  std::uint64_t dev = 0;        // of the store
  JobContext job;
};

// Links the trees of these top-level names; those that are not there are passed over. New
// directories get the metadata of the stored ones. What this user may not list or link is left out
// and reported. An error is the store's, or ECANCELED; kMountedCode where something is mounted in
// the stored tree.
Result<LinkedTree> Relink(const LinkTreeOptions& options, const std::vector<std::string>& names);

}  // namespace cura
