// Lets a reader keep a snapshot from being removed while it works.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// The leases of one process on snapshots of one store. A lease is a shared flock on the snapshot's
// directory, so it ends with the process. A lease has no effect if the filesystem cannot lock
// directories.
class SnapshotLeases {
 public:
  // The descriptor must outlive the leases.
  explicit SnapshotLeases(const Fd* store) : store_(store) {}

  // Waits while another process claims the snapshot. Returns ENOENT if the snapshot is gone, and
  // EWOULDBLOCK if the other process does not finish.
  Status Take(const std::string& name);
  // Ends one lease on the snapshot, if there is one.
  void Release(const std::string& name);

 private:
  const Fd* store_;
  std::multimap<std::string, Fd> held_;
};

// The right to remove a snapshot. No reader gets a lease while it exists.
struct Claim {
  Fd directory;            // locked if the filesystem can lock directories
  Status error;            // the directory cannot be opened, so a reader may hold it
  bool is_leased = false;  // a reader uses the snapshot, so it must stay
};

// Waits up to `patience_ms` for processes that hold the lock only briefly, to check for leases.
Claim ClaimSnapshot(const Fd& store, const std::string& name, int patience_ms);

}  // namespace cura
