// Takes the planned step for one entry, and the other way where a step cannot be taken.
#pragma once

#include "apply/delta.h"
#include "apply/links.h"
#include "base/arena.h"
#include "file/entry_maker.h"
#include "plan/planner.h"
#include "scan/sources.h"

namespace cura {

// A directory's descriptors while some of its entries are made.
struct Leases {
  DirLease work, source, previous;
  DirLease origin;  // where a moved entry was in the previous snapshot
};

// Makes entries for all threads of one run. Errors are the store's and end the run.
class EntrySteps {
 public:
  EntrySteps(const Plan* plan, const Sources* sources, const Previous* previous, Failures* failures,
             Monitor* monitor, bool digests)
      : plan_(plan),
        sources_(sources),
        previous_(previous),
        failures_(failures),
        monitor_(monitor),
        maker_(failures, monitor, digests) {}

  Status Start(TreeNode* root);
  // Whether each new file is synced before it is closed.
  void SyncEach(bool syncs) { maker_.SyncEach(syncs); }
  // Makes one entry. Others of its link group that waited for it come into `ready`: they are to be
  // made next. True in `waits`: it waits itself, for whoever leads its group.
  Status Make(const NodeEntry& at, Leases* leases, std::vector<NodeEntry>* ready, bool* waits);
  // Says whether others may be waiting for what becomes of the entry.
  [[nodiscard]] bool Leads(const TreeNode& node, std::uint32_t place) const;
  [[nodiscard]] bool IsMadeAnew(const Entry& entry) const;
  // Those who wait for leaders that never come: they are to be made next, when all else is.
  std::vector<NodeEntry> GiveUp() { return groups_.GiveUp(); }
  // Says whether the stored inode of an entry with several names has too many names already to take
  // all of them once more. They then share a new copy.
  bool IsCrowded(const Entry& entry, int dir, const char* name);
  // Bytes of the files that were stored anew.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Null for a first backup.
  Delta* delta() { return previous_->exists() ? &delta_ : nullptr; }

 private:
  Result<EntryOutcome> FromPrevious(const NodeEntry& at, Leases* leases);
  Result<EntryOutcome> LinkPrevious(const NodeEntry& at, const Site& stored, const Site& to);
  Result<EntryOutcome> Clone(const NodeEntry& at, const Site& stored, const Site& to,
                             Leases* leases);
  Result<EntryOutcome> Copy(const NodeEntry& at, Leases* leases);
  Status Follow(const NodeEntry& at, Leases* leases, std::vector<NodeEntry>* ready, bool* waits);
  [[nodiscard]] EntryOutcome Again(const Entry& entry) const;
  void NameTrouble(const NodeEntry& at, const LeaderEnd& end);
  Result<EntryOutcome> LinkToLeader(const NodeEntry& at, const LeaderEnd& end, Leases* leases);
  bool HasContentOf(const NodeEntry& at, int dir, const char* name, Leases* leases);
  Status Settle(const NodeEntry& at, EntryOutcome made, Leases* leases);
  // What has become of an entry that leads.
  [[nodiscard]] std::shared_ptr<LeaderEnd> EndOf(const NodeEntry& at, EntryOutcome made);
  Result<Site> WorkSite(const NodeEntry& at, Leases* leases) const;
  Result<Site> SourceSite(const NodeEntry& at, Leases* leases) const;
  Result<Site> StoredSite(const NodeEntry& at, Leases* leases) const;

  const Plan* const plan_;
  const Sources* const sources_;
  const Previous* const previous_;
  Failures* const failures_;
  Monitor* const monitor_;
  EntryMaker maker_;
  Delta delta_;
  LinkGroups groups_;
  std::uint64_t most_links_ = 0;
  std::mutex crowded_mutex_;
  std::unordered_map<std::uint64_t, bool> crowded_;  // by stored inode, as it was decided first
  std::mutex targets_mutex_;
  Arena targets_;  // of symlinks that led: followers may outlive the leader's directory
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace cura
