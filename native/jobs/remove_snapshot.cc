// Moves snapshots to the trash, removes them and measures removals.
#include "jobs/remove_snapshot.h"

#include <unordered_map>

#include "apply/delta.h"
#include "scan/scan.h"
#include "store/store.h"
#include "tree/durable.h"

namespace cura {

Status MoveToTrash(const Fd& store, const std::string& name, const std::string& trash) {
  if (RenameNew(store, name, trash) != 0) return LastError("renameat2", name, trash);
  if (SyncRenames(store) == 0) return std::nullopt;
  // After a power cut the snapshot might reappear half removed, so do not remove it.
  OsError error = LastError("fsync", name);
  sys::RenameAt(store.get(), trash.c_str(), store.get(), name.c_str());
  return error;
}

Result<Removed> RemoveHidden(const Fd& store, const std::string& name, const JobContext& job) {
  job.monitor->Begin(kRemovePhase);
  const auto top = OpenDoomed(store, name);
  if (!top.ok()) return top.error();
  // Remove the delta first: its names are extra links to inodes of the tree, and an inode counts as
  // freed with its last name. If this fails or there is no delta, the result of removing the whole
  // tree counts.
  Removed removed;
  if (!RemoveTree(top.value(), kDeltaName, job, &removed)) ++removed.entries;
  if (auto error = RemoveTree(store, name, job, &removed)) return std::move(*error);
  return removed;
}

namespace {

// Counts the names of each inode, to find inodes that lose all of them.
class Measure {
 public:
  // Begins the next tree.
  void Begin(const sys::Stat& top) {
    dev_ = top.dev;
    mount_ = top.mount;
    removed_.bytes += top.allocated;
  }

  void Visit(const ScanItem& item, int dir, const Listing& listing, ScanStack* stack) {
    sys::Stat stat;
    if (sys::StatFd(dir, &stat) != 0 || stat.dev != dev_ || stat.mount != mount_) return;
    const std::lock_guard lock(mutex_);
    removed_.entries += listing.entries.size();
    for (const Entry& entry : listing.entries) {
      Count(entry);
      if (entry.type != Type::kDirectory) continue;
      ScanItem child;
      child.dir = Dir::Child(item.dir, entry.name, Identity{entry.dev, entry.ino});
      child.parent = item.dir;
      child.name = entry.name;
      stack->Push(std::move(child));
    }
  }

  [[nodiscard]] const Removed& removed() const { return removed_; }

 private:
  void Count(const Entry& entry) {
    const bool single = entry.type == Type::kDirectory || entry.nlink <= 1;
    if (single || ++met_[entry.ino] == entry.nlink) removed_.bytes += entry.allocated;
  }

  std::uint64_t dev_ = 0;
  std::uint64_t mount_ = 0;
  std::mutex mutex_;  // guards the members below
  Removed removed_;
  std::unordered_map<std::uint64_t, std::uint32_t> met_;
};

}  // namespace

Result<Removed> MeasureRemoval(const Fd& store, const std::vector<std::string>& names,
                               const JobContext& job) {
  Measure measure;
  Failures unreported;
  for (const std::string& name : names) {
    Fd top(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
    if (!top.valid() && errno == ENOENT) continue;  // another run has removed it meanwhile
    sys::Stat stat;
    if (!top.valid() || sys::StatFd(top.get(), &stat) != 0) return LastError("openat", name);
    measure.Begin(stat);
    ScanStack stack;
    ScanItem item;
    item.dir = Dir::Root(job.budget, std::move(top), sys::kOpenDirectory, name);
    stack.Push(std::move(item));
    Scan({.job = job.With(&unreported)}, &stack,
         [&](const ScanItem& at, int dir, Listing* listing) {
           measure.Visit(at, dir, *listing, &stack);
         });
    if (job.monitor->abort) return Aborted();
  }
  return measure.removed();
}

}  // namespace cura
