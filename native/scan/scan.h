// Walks trees by held directory descriptors, in parallel, one directory at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/failures.h"
#include "base/monitor.h"
#include "base/pool.h"
#include "base/volumes.h"
#include "scan/selection.h"
#include "tree/dir.h"

namespace cura {

// A directory that waits to be listed, with two numbers of the caller's own.
struct ScanItem {
  std::shared_ptr<Dir> dir;
  std::shared_ptr<Dir> parent;  // null for the top of a tree
  std::string name;             // in its parent
  std::uint32_t previous = 0;
  std::uint32_t number = 0;
  // What decides which entries are left out; null where all are taken. The scan hands on to `visit`
  // what it is below the directory.
  std::shared_ptr<const Scope> scope;
  // Nothing in it is to be read, so it counts as empty.
  bool is_boundary = false;
  // Set by the scan where another directory has taken the place since its parent was listed.
  std::optional<Identity> replaced;
};

using ScanStack = WorkStack<ScanItem>;

// What one directory holds, in the order of the names' bytes. Names end with a NUL.
struct Listing {
  std::string records;
  std::vector<Entry> entries;
  // What could not be read is among the failures: single names, or (complete is false) more of it.
  std::vector<std::string_view> unknown;
  bool complete = true;
  std::vector<std::string_view> sockets;  // not among the entries
  Timestamp seen;                         // before any of them was asked about; all zero: not known

  void Clear();
};

struct ScanOptions {
  size_t threads = 1;
  Filter* selection = nullptr;  // of the items that have a scope
  Volumes* volumes = nullptr;   // null: entries get none
  Failures* failures = nullptr;
  Monitor* monitor = nullptr;
};

// Called from several threads; it pushes the subdirectories that are to be scanned. `dir` is -1
// where the directory could not be opened.
using Visit = std::function<void(const ScanItem& item, int dir, Listing* listing)>;

// Lists every directory on the stack and what `visit` adds to it. Entries that cannot be read
// become failures, and the walk goes on.
void Scan(const ScanOptions& options, ScanStack* stack, const Visit& visit);

}  // namespace cura
