// The snapshot to restore from: its record and its files.
#pragma once

#include <memory>
#include <string>

#include "file/entry_maker.h"
#include "manifest/manifest.h"
#include "store/stored_snapshot.h"

namespace cura {

struct StoredTree {
  std::shared_ptr<const Manifest> manifest;
  std::shared_ptr<Dir> root;
  // Why the record was made from the tree; empty if it was not. It then knows neither digests nor
  // extended attributes.
  std::string rebuilt;

  // Opens the snapshot. Makes its record from the tree if it has no usable one.
  static Result<StoredTree> Open(const Fd& store, const std::string& name, const JobContext& job);

  [[nodiscard]] std::shared_ptr<Dir> Find(std::string_view path) const;
};

// Opens a stored file that may still be what the record says; `code` says why if not.
Fd OpenStored(const Site& site, const Entry& stored, bool knows_inodes, const Monitor* monitor);

}  // namespace cura
