// Records a tree that another program has made in a work directory: its manifest, and the delta.
#pragma once

#include <memory>

#include "apply/apply.h"
#include "store/stored_snapshot.h"

namespace cura {

struct RecordOptions {
  std::shared_ptr<Dir> work;
  const StoredSnapshot* previous = nullptr;
  JobContext job;
};

// Reads the tree, takes sockets out of it, writes its manifest, and links into the delta what the
// previous snapshot does not have as the same inode under the same path. An error is the store's,
// or ECANCELED.
Result<Applied> Record(const RecordOptions& options);

}  // namespace cura
