// A snapshot as it is stored: its record and its tree.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "manifest/manifest.h"
#include "tree/job_context.h"

namespace cura {

// Null and empty where there is none.
struct StoredSnapshot {
  std::shared_ptr<const Manifest> manifest;
  std::shared_ptr<Dir> root;  // opened for paths only: below it a directory need not be readable
  std::string rebuilt;        // why the manifest could not be used; empty: it was
};

// A snapshot's record, or why it has none that can be used.
struct Recorded {
  std::shared_ptr<const Manifest> manifest;
  std::string why_not;
};

// The record of a snapshot, checked as a whole.
Result<Recorded> LoadRecord(const Fd& store, const std::string& name);
// The same for a few look-ups: a part is checked when it is read.
Result<Recorded> OpenRecord(const Fd& store, const std::string& name);

// Opens the snapshot `name` of the store, without a manifest where it has no usable one.
Result<StoredSnapshot> OpenSnapshot(const Fd& store, const std::string& name, DirBudget* budget);

// Makes the manifest from the tree, whether there was one or not. ECANCELED when the job is
// stopped.
Status RebuildManifest(StoredSnapshot* snapshot, const JobContext& job);

}  // namespace cura
