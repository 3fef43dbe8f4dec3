// Takes the planned step for one entry, or falls back to another step.
#pragma once

#include "apply/delta.h"
#include "apply/links.h"
#include "base/arena.h"
#include "file/entry_maker.h"
#include "plan/planner.h"
#include "scan/sources.h"

namespace cura {

// The open directories of the entries that are being made.
struct Leases {
  DirLease work, source, previous;
  DirLease origin;  // the previous directory of a moved entry
};

// Makes entries for all threads of one run. Returned errors are errors of the store and end the
// run.
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
  // Sets whether to sync each new file before closing it.
  void SyncEach(bool syncs) { maker_.SyncEach(syncs); }
  // Makes one entry. Sets `waits` if the entry must wait for the leader of its group. Adds entries
  // that waited for this one to `ready`; the caller must make them next.
  Status Make(const NodeEntry& at, Leases* leases, std::vector<NodeEntry>* ready, bool* waits);
  // Whether other entries may wait for the outcome of this one.
  [[nodiscard]] bool Leads(const TreeNode& node, std::uint32_t place) const;
  [[nodiscard]] bool IsMadeAnew(const Entry& entry) const;
  // Returns the entries whose leaders never came. The caller makes them after all others.
  std::vector<NodeEntry> GiveUp() { return groups_.GiveUp(); }
  // Whether a stored inode has too many links to take all names of the entry's group again. The
  // group then shares a new copy.
  bool IsCrowded(const Entry& entry, int dir, const char* name);
  // Bytes of the files that were copied or cloned.
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
  [[nodiscard]] EntryOutcome OutcomeOfUnread(const Entry& entry) const;
  void ReportTrouble(const NodeEntry& at, const LeaderEnd& end);
  Result<EntryOutcome> LinkToLeader(const NodeEntry& at, const LeaderEnd& end, Leases* leases);
  bool HasContentOf(const NodeEntry& at, int dir, const char* name, Leases* leases);
  Status RecordOutcome(const NodeEntry& at, EntryOutcome made, Leases* leases);
  // Describes the outcome of a leader.
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
  std::unordered_map<std::uint64_t, bool> crowded_;  // by stored inode, as first decided
  std::mutex targets_mutex_;
  Arena targets_;  // of symlinks that led, because followers may outlive the leader's directory
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace cura
