// Hardlinks inside the new tree: the first entry of a group is made, the others wait for it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "apply/work_tree.h"
#include "file/entry_maker.h"

namespace cura {

// What became of the leader.
struct LeaderEnd {
  EntryOutcome made = EntryOutcome::kDone;
  std::shared_ptr<Dir> dir;
  std::string name;
  Entry entry;                     // as it was stored; its views outlive its directory
  std::optional<OsError> trouble;  // what was reported of it, if anything was
  // A leader before, with other content: inode numbers do not say enough there.
  std::shared_ptr<const LeaderEnd> earlier;
};

// Brings followers and leaders of link groups together, whichever comes first.
class LinkGroups {
 public:
  // The leader's end if it has one already; otherwise the follower is kept until then.
  std::shared_ptr<const LeaderEnd> Follow(Identity group, NodeEntry follower);
  // Makes the caller the leader if there is none yet: true, and it must call Lead.
  bool TakeLead(Identity group);
  // The same where what a former leader made will not do, unless another one has replaced it.
  bool Replace(Identity group, const std::shared_ptr<const LeaderEnd>& end);
  // Hands over those who waited.
  std::vector<NodeEntry> Lead(Identity group, std::shared_ptr<const LeaderEnd> end);
  // Those who wait for leaders that never come, because the directory of these could not be made.
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
