// Records a tree that another program made in a work directory: its manifest and its delta.
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

// Reads the tree, removes sockets from it and writes its manifest. Links into the delta each entry
// that the previous snapshot does not have as the same inode under the same path. Fails on errors
// of the store, and with ECANCELED on abort.
Result<Applied> Record(const RecordOptions& options);

}  // namespace cura
