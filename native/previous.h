// The snapshot that a new one is compared with and linked from.
#pragma once

#include <memory>
#include <string>

#include "dir.h"
#include "manifest.h"
#include "monitor.h"
#include "result.h"

namespace cura {

// Its record and its tree. Null and empty for a first backup.
struct Previous {
  std::shared_ptr<const Manifest> manifest;
  std::shared_ptr<Dir> root;  // opened for paths only: below it a directory need not be readable
  std::string rebuilt;        // why the manifest could not be used; empty: it was

  // The stored directory of that number.
  [[nodiscard]] std::shared_ptr<Dir> Find(DirId id) const;
};

// A snapshot's record, or why it has none that can be used.
struct Recorded {
  std::shared_ptr<const Manifest> manifest;
  std::string why_not;
};

// The record of a snapshot that is open at `root`.
Recorded LoadRecord(const Fd& root);
// The same by its name.
Result<Recorded> LoadRecord(const Fd& store, const std::string& name);

// Opens the snapshot `name` of the store, without a manifest where it has no usable one.
Result<Previous> OpenPrevious(const Fd& store, const std::string& name, DirBudget* budget);

// Makes the manifest from the tree, whether there was one or not. ECANCELED when the job is
// stopped.
Status RebuildManifest(Previous* previous, DirBudget* budget, size_t threads, Monitor* monitor);

}  // namespace cura
