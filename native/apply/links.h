// Makes hardlinks inside the new tree: the first entry of a group is made, the others wait for it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "apply/work_tree.h"
#include "file/entry_maker.h"

namespace cura {

// The outcome of a leader.
struct LeaderEnd {
  EntryOutcome made = EntryOutcome::kDone;
  std::shared_ptr<Dir> dir;
  std::string name;
  Entry entry;                     // as stored; its views outlive its directory
  std::optional<OsError> trouble;  // the failure that was reported for it, if any
  // A former leader with other content, on filesystems whose inode numbers do not identify a file.
  std::shared_ptr<const LeaderEnd> earlier;
};

// Matches the followers and leaders of link groups, in any order of arrival.
class LinkGroups {
 public:
  // Returns the leader's outcome if there is one. Otherwise keeps the follower until Lead.
  std::shared_ptr<const LeaderEnd> Follow(Identity group, NodeEntry follower);
  // Returns true and makes the caller the leader if there is none yet. The caller must then call
  // Lead.
  bool TakeLead(Identity group);
  // Makes the caller the leader if `end` is still current. Used when the former leader's entry is
  // unsuitable.
  bool Replace(Identity group, const std::shared_ptr<const LeaderEnd>& end);
  // Publishes the leader's outcome and returns the followers that waited.
  std::vector<NodeEntry> Lead(Identity group, std::shared_ptr<const LeaderEnd> end);
  // Returns followers whose leader never comes, because the leader's directory could not be made.
  std::vector<NodeEntry> GiveUp();

 private:
  struct Group {
    bool has_leader = false;
    std::shared_ptr<const LeaderEnd> end;
    std::vector<NodeEntry> waiting;
  };
  std::mutex mutex_;
  std::unordered_map<Identity, Group, IdentityHash> groups_;
};

}  // namespace cura
