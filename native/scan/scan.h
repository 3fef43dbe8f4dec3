// Walks trees in parallel by directory descriptor, one directory at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/pool.h"
#include "base/volumes.h"
#include "scan/selection.h"
#include "tree/job_context.h"

namespace cura {

// A directory to list, with two numbers for the caller.
struct ScanItem {
  std::shared_ptr<Dir> dir;
  std::shared_ptr<Dir> parent;  // null for the top of a tree
  std::string name;             // in the parent
  std::uint32_t previous = 0;
  std::uint32_t number = 0;
  // Decides which entries are left out; null to take all of them. The scan fills in the scope that
  // applies below this directory before it calls `visit`.
  std::shared_ptr<const Scope> scope;
  // The directory is a mount point that is not entered, so it counts as empty.
  bool is_boundary = false;
  // Set by the scan if another directory has replaced the listed one since its parent was read.
  std::optional<Identity> replaced;
};

using ScanStack = WorkStack<ScanItem>;

// The entries of one directory, sorted by the bytes of their names. Each name ends with a NUL.
struct Listing {
  sys::Names names;
  std::vector<Entry> entries;
  // Names that could not be read. `complete` is false if the listing itself broke off. Both are
  // reported in the failures.
  std::vector<std::string_view> unknown;
  bool complete = true;
  std::vector<std::string_view> sockets;  // not among the entries
  Timestamp seen;                         // taken before the first stat; all zero if unknown

  void Clear();
};

struct ScanOptions {
  JobContext job;
  Filter* selection = nullptr;  // for items with a scope
  Volumes* volumes = nullptr;   // null: entries get no volume
};

// Called from several threads. It pushes the subdirectories to scan. `dir` is -1 if the directory
// could not be opened.
using Visit = std::function<void(const ScanItem& item, int dir, Listing* listing)>;

// Lists every directory on the stack, and those that `visit` pushes. An entry that cannot be read
// becomes a failure, and the walk continues.
void Scan(const ScanOptions& options, ScanStack* stack, const Visit& visit);

}  // namespace cura
