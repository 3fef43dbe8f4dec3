// Links whole trees from the previous snapshot into a work directory, in parallel, one directory at
// a time. Reads the stored directories themselves instead of their manifest.
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
  // Names of inodes that already have as many links as their filesystem allows.
  std::vector<NamedInode> left_out;
};

struct LinkTreeOptions {
  std::shared_ptr<Dir> stored;  // the previous snapshot, opened for listing
  std::shared_ptr<Dir> work;    // the empty work directory, opened for listing
  std::uint64_t dev = 0;        // of the store
  JobContext job;
};

// Links the trees of these top-level names, and skips names that do not exist. New directories get
// the metadata of the stored ones. Entries that this user may not list or link are skipped and
// reported. Fails on errors of the store, with ECANCELED on abort, and with kMountedCode if
// something is mounted in the stored tree.
Result<LinkedTree> Relink(const LinkTreeOptions& options, const std::vector<std::string>& names);

}  // namespace cura
