// SnapshotLeases: how a reader keeps a snapshot from being removed while it works.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// The leases of one process on snapshots of one store. A lease is a shared flock on the snapshot's
// directory, so it ends with the process. Where directories cannot be locked, a lease holds
// nothing.
class SnapshotLeases {
 public:
  // The descriptor must outlive the leases.
  explicit SnapshotLeases(const Fd* store) : store_(store) {}

  // Waits while another process renames the snapshot. ENOENT when the snapshot is gone, EWOULDBLOCK
  // when the other process does not finish.
  Status Take(const std::string& name);
  // Ends one lease on that snapshot; without effect when there is none.
  void Release(const std::string& name);

 private:
  const Fd* store_;
  std::multimap<std::string, Fd> held_;
};

// The right to remove a snapshot: while it exists, no reader gets a lease.
struct Claim {
  Fd directory;  // locked where the filesystem can do that
  Status error;  // the directory cannot be opened, so nobody knows whether a reader holds it
  bool is_leased = false;  // a reader holds the snapshot, so nobody may remove it
};

// `patience_ms`: how long to wait for others who look for leases, which takes them a moment.
Claim ClaimSnapshot(const Fd& store, const std::string& name, int patience_ms);

}  // namespace cura
