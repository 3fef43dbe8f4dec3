// Finds, for changed names of an inode, others in which nothing has changed.
#include "comparison.h"

namespace cura {

// Names in which nothing has changed, the ctime of their inode included, stay out of the plan.
// Others of the same inode may be new or look changed all the same: a directory was moved into the
// sources, or could not be read last time. Both have to be one inode in the new snapshot, too. Only
// an inode that has more names than those that have changed is looked for.
void Comparison::JoinKept() {
  if (previous_->manifest == nullptr) return;
  // Not by the device, which may have got another number since.
  std::unordered_multimap<std::uint64_t, LinkGroup*> apart;
  for (auto& [identity, group] : plan_.groups) {
    const bool is_whole = group.changed_names >= group.names;
    if (group.first_dir != kNoDir && !is_whole) apart.emplace(identity.ino, &group);
  }
  for (DirId id = 0; id < previous_->manifest->directories() && !apart.empty(); ++id) {
    if (monitor_->abort) return;
    BlockReader block = previous_->manifest->Directory(id);
    for (Entry before; block.Next(&before);) {
      if (!before.linked || before.ino == 0 || before.stored_ino == 0) continue;
      auto [group, last] = apart.equal_range(before.ino);
      while (group != last && !TakeKept(before, id, group->second)) ++group;
      if (group != last) apart.erase(group);
    }
  }
}

// Has the group's leader linked from what an unchanged name of the same inode has in the previous
// snapshot. False where it is another inode.
bool Comparison::TakeKept(const Entry& before, DirId id, LinkGroup* group) {
  const Entry now = FirstOf(*group);
  if (Compare(now, &before, store_.dev) != Difference::kNone) return false;
  if (group->stored_ino == before.stored_ino) return true;
  if (!claimed_.insert(before.stored_ino).second) return false;
  PlannedDir& dir = plan_.dirs[group->first_dir];
  Decision& decision = dir.decisions[group->first_place];
  if (now.type == Type::kFile && decision.step != Step::kLink) plan_.tally.need.Save(now.size);
  if (decision.change == Change::kNone) {
    decision.change = Change::kMetadata;
    ++plan_.tally.of(Change::kMetadata);
    plan_.tally.differs = true;
  }
  decision.step = Step::kLink;
  group->stored_ino = before.stored_ino;
  Origin origin{id, std::string(before.name), before.stored_ino, before.xattrs};
  dir.Rare().origins.insert_or_assign(group->first_place, std::move(origin));
  return true;
}

}  // namespace cura
