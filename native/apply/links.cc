// Lets the entries of a link group find their leader.
#include "apply/links.h"

#include <utility>

namespace cura {

std::shared_ptr<const LeaderEnd> LinkGroups::Follow(Identity group, NodeEntry follower) {
  const std::lock_guard lock(mutex_);
  Group& found = groups_[group];
  if (found.end == nullptr) found.waiting.push_back(std::move(follower));
  return found.end;
}

bool LinkGroups::TakeLead(Identity group) {
  const std::lock_guard lock(mutex_);
  Group& found = groups_[group];
  return found.end == nullptr && !std::exchange(found.has_leader, true);
}

bool LinkGroups::Replace(Identity group, const std::shared_ptr<const LeaderEnd>& end) {
  const std::lock_guard lock(mutex_);
  Group& found = groups_[group];
  if (found.end != end) return false;
  found.end = nullptr;
  return true;
}

std::vector<NodeEntry> LinkGroups::GiveUp() {
  const std::lock_guard lock(mutex_);
  std::vector<NodeEntry> left;
  for (auto& [identity, group] : groups_) {
    if (group.waiting.empty()) continue;
    const auto end = std::make_shared<LeaderEnd>();
    end->made = EntryOutcome::kNotStored;
    group.end = end;
    left.insert(left.end(), group.waiting.begin(), group.waiting.end());
    group.waiting.clear();
  }
  return left;
}

std::vector<NodeEntry> LinkGroups::Lead(Identity group, std::shared_ptr<const LeaderEnd> end) {
  const std::lock_guard lock(mutex_);
  Group& found = groups_[group];
  found.end = std::move(end);
  return std::move(found.waiting);
}

}  // namespace cura
