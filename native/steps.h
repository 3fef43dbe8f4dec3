// Takes the planned step for one entry, and the other way where a step cannot be taken.
#pragma once

#include "comparison.h"
#include "delta.h"
#include "files.h"
#include "links.h"
#include "sources.h"

namespace cura {

// What a finished apply says.
struct Applied {
  Totals totals;
  std::uint64_t linked = 0;
  std::uint64_t copied = 0;
  std::uint64_t bytes = 0;
};

// A directory's descriptors while some of its entries are made.
struct Leases {
  DirLease work, source, previous;
};

// Makes entries for all threads of one run. Errors are the store's and end the run.
class Steps {
 public:
  Steps(const Plan* plan, const Sources* sources, const Previous* previous, Failures* failures,
        Monitor* monitor)
      : plan_(plan), sources_(sources), previous_(previous), maker_(failures, monitor) {}

  Status Start(TreeNode* root);
  // Makes one entry. Followers of its link group that waited for it come into `ready`: they are
  // to be made by MakeFollower. True in `waits`: it is itself a follower and waits.
  Status Make(const NodeEntry& at, Leases* leases, std::vector<NodeEntry>* ready, bool* waits);
  Status MakeFollower(const NodeEntry& at);
  // Says whether an entry leads a group that others may be waiting for.
  [[nodiscard]] bool Leads(const Entry& entry) const;
  // Says whether the stored inode of an entry with several names has too many names already to take
  // all of them once more. They then share a new copy.
  bool IsCrowded(const Entry& entry, int dir, const char* name);
  void CountLinked(std::uint64_t entries) { linked_ += entries; }
  [[nodiscard]] Applied Counts() const;

  Delta* delta() { return previous_->manifest != nullptr ? &delta_ : nullptr; }

 private:
  bool IsCrowded(const NodeEntry& at, Leases* leases);
  Result<Made> Take(const NodeEntry& at, Leases* leases);
  Result<Made> Copy(const NodeEntry& at, Leases* leases);
  Result<Made> Clone(const NodeEntry& at, Leases* leases);
  Result<Made> LinkPrevious(const NodeEntry& at, Leases* leases);
  Status Follow(const NodeEntry& at, const LeaderEnd& end, Leases* leases);
  Status Settle(const NodeEntry& at, Made made, Leases* leases);
  Result<Site> WorkSite(const NodeEntry& at, Leases* leases) const;
  Result<Site> SourceSite(const NodeEntry& at, Leases* leases) const;
  Result<Site> StoredSite(const NodeEntry& at, Leases* leases, std::shared_ptr<Dir>* held) const;

  const Plan* const plan_;
  const Sources* const sources_;
  const Previous* const previous_;
  Maker maker_;
  Delta delta_;
  LinkGroups groups_;
  std::uint64_t most_links_ = 0;
  std::mutex crowded_mutex_;
  std::unordered_map<std::uint64_t, bool> crowded_;  // by stored inode, as it was decided first
  std::atomic<std::uint64_t> linked_ = 0;
  std::atomic<std::uint64_t> copied_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace cura
