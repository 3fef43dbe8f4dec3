// A stored snapshot: its record and its tree.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "manifest/manifest.h"
#include "tree/job_context.h"

namespace cura {

// A stored snapshot. Members are null or empty if it does not exist.
struct StoredSnapshot {
  std::shared_ptr<const Manifest> manifest;
  std::shared_ptr<Dir> root;  // kOpenPath, so that directories below need not be readable
  std::string rebuilt;        // why the manifest could not be used; empty if it was
};

// A snapshot's record, or the reason why it has no usable one.
struct Recorded {
  std::shared_ptr<const Manifest> manifest;
  std::string why_not;
};

// Loads the record of a snapshot and checks all of it.
Result<Recorded> LoadRecord(const Fd& store, const std::string& name);
// Whether an opened record holds its descriptor, or opens its file for each read.
enum class Hold : std::uint8_t { kFile, kNothing };

// Opens the record for a few lookups. Checks each part when it is read. `store` must outlive a
// record that holds nothing.
Result<Recorded> OpenRecord(const Fd& store, const std::string& name, Hold hold = Hold::kFile);

// Opens the snapshot `name` of the store, without a manifest if it has no usable one.
Result<StoredSnapshot> OpenSnapshot(const Fd& store, const std::string& name, DirBudget* budget);

// Makes the manifest from the tree, and replaces an existing one. Returns ECANCELED on abort.
Status RebuildManifest(StoredSnapshot* snapshot, const JobContext& job);

}  // namespace cura
