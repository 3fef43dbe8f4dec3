// Finds, for new names of an inode, the old ones in which nothing has changed.
#include "comparison.h"

namespace cura {

// Old names of an inode stay out of the plan while nothing has changed in them, its ctime included.
// Others of its names may be new all the same: a directory was moved into the sources, or could not
// be read last time. They would then get an inode of their own. Only an inode that has names
// besides those is looked for.
void Comparison::JoinKept() {
  if (previous_->manifest == nullptr) return;
  std::unordered_map<Identity, LinkGroup*, IdentityHash> apart;
  for (auto& [identity, group] : plan_.groups) {
    if (group.first_dir == kNoDir || group.stored_ino != 0) continue;
    if (group.new_names >= group.names) continue;
    const PlannedDir& dir = plan_.dirs[group.first_dir];
    const Step step = dir.decisions[group.first_place].step;
    if (step == Step::kCopy || step == Step::kClone) apart.emplace(identity, &group);
  }
  for (DirId id = 0; id < previous_->manifest->directories() && !apart.empty(); ++id) {
    if (monitor_->abort) return;
    BlockReader block = previous_->manifest->Directory(id);
    for (Entry before; block.Next(&before);) {
      if (!before.linked || before.ino == 0 || before.stored_ino == 0) continue;
      const auto found = apart.find(Identity{before.dev, before.ino});
      if (found == apart.end()) continue;
      if (TakeKept(before, id, found->second)) apart.erase(found);
    }
  }
}

// Has the group's first new name linked from an old one, if both are the same to the last change.
bool Comparison::TakeKept(const Entry& before, DirId id, LinkGroup* group) {
  const Entry now = FirstOf(*group);
  const bool same = Compare(now, &before, store_.dev) == Difference::kNone;
  if (!same || !claimed_.insert(before.stored_ino).second) return false;
  if (now.type == Type::kFile) plan_.tally.need.Save(now.size);
  group->stored_ino = before.stored_ino;
  PlannedDir& dir = plan_.dirs[group->first_dir];
  dir.decisions[group->first_place].step = Step::kLink;
  Origin origin{id, std::string(before.name), before.stored_ino, before.xattrs};
  dir.Rare().origins.insert_or_assign(group->first_place, std::move(origin));
  return true;
}

}  // namespace cura
