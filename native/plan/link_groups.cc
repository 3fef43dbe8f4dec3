// Finds, for changed names of an inode, others in which nothing has changed.
#include <algorithm>

#include "plan/planner.h"

namespace cura {

// A group, and the entry that its first name is in the plan.
struct Planner::Apart {
  LinkGroup* group = nullptr;
  Entry now;                  // views into the plan
  std::uint64_t refused = 0;  // a stored inode that was found to have other content
};

// In the order of the plan, so that a directory of many names is decoded once, and not for each.
void Planner::ForFirsts(
    std::vector<LinkGroup*>* groups,
    const std::function<void(LinkGroup* group, const Entry& entry)>& use) const {
  const auto place = [](const LinkGroup* group) {
    return std::pair(group->first_dir, group->first_place);
  };
  std::sort(groups->begin(), groups->end(),
            [&](const auto* a, const auto* b) { return place(a) < place(b); });
  BlockReader block(std::string_view{});
  std::pair<std::uint32_t, std::uint32_t> next = {kNoDir, 0};
  for (LinkGroup* const group : *groups) {
    if (group->first_dir != next.first) {
      block = BlockReader(plan_.dirs[group->first_dir].block);
      next = {group->first_dir, 0};
    }
    Entry entry;
    for (; next.second <= group->first_place; ++next.second) block.Next(&entry);
    use(group, entry);
  }
}

void Planner::SettleGroups() {
  std::vector<LinkGroup*> leaderless;
  for (auto& [identity, group] : plan_.groups) {
    if (!group.has_leader && group.first_dir != kNoDir) leaderless.push_back(&group);
  }
  ForFirsts(&leaderless, [&](LinkGroup* group, const Entry& entry) {
    group->has_leader = true;
    plan_.dirs[group->first_dir].decisions[group->first_place].step = Step::kCopy;
    const bool is_file = entry.type == Type::kFile;
    plan_.tally.need.Add(is_file ? entry.size : 0, is_file ? group->allocated : 0);
  });
}

// Names in which nothing has changed, the ctime of their inode included, stay out of the plan.
// Others of the same inode may be new or look changed all the same: a directory was moved into the
// sources, or could not be read last time. Both have to be one inode in the new snapshot, too. Only
// an inode that has more names than those that have changed is looked for.
void Planner::JoinKept() {
  sees_twice_ = volumes_->HasTwins() || (sources_->list().size() > 1 && sources_->Overlap());
  if (!previous_->exists() || !trust_.inodes) return;
  std::vector<LinkGroup*> parts;
  for (auto& [identity, group] : plan_.groups) {
    const bool is_whole = !sees_twice_ && group.changed_names >= group.nlink;
    if (group.first_dir != kNoDir && !is_whole) parts.push_back(&group);
  }
  // Not by the device, which may have got another number since.
  std::unordered_multimap<std::uint64_t, Apart> apart;
  ForFirsts(&parts, [&](LinkGroup* group, const Entry& now) {
    apart.emplace(now.ino, Apart{group, now, 0});
  });
  for (DirId id = 0; id < previous_->directories() && !apart.empty(); ++id) {
    if (monitor_->abort) return;
    if (previous_->IsBaseTop(id)) continue;
    BlockReader block = previous_->Directory(id);
    for (Entry before; block.Next(&before);) {
      if (before.ino == 0 || before.stored_ino == 0) continue;
      // Another name would have moved its ctime.
      if (trust_.ctimes && !before.linked) continue;
      auto [found, last] = apart.equal_range(before.ino);
      const DirId dir = previous_->DirectoryOf(id, before.name);
      while (found != last && !TakeKept(before, dir, &found->second)) ++found;
      if (found != last) apart.erase(found);
    }
  }
}

// Whether what the previous snapshot has under that name is what the group's names have now. Where
// an unchanged ctime is no proof of it, contents and attributes are.
bool Planner::IsKept(const Entry& before, DirId id, Apart* apart) {
  const Entry& now = apart->now;
  const Trust trust{true, trust_.ctimes, true, false};
  if (Compare(now, &before, store_.dev, trust) != Difference::kNone) return false;
  // Neither has a ctime where neither was settled when it was seen.
  const LinkGroup& group = *apart->group;
  const ChangeKind change = plan_.dirs[group.first_dir].decisions[group.first_place].change;
  // One name was found to have changed: then the others' records are in doubt, too.
  const bool is_proven = before.ctime != Timestamp{} &&
                         InodeTrustOf(now.volume) == InodeTrust::kInodes &&
                         change != ChangeKind::kChanged;
  if (trust_.ctimes && trust_.contents && is_proven) return true;
  if (now.type != Type::kFile) return now.target == before.target && now.xattrs == before.xattrs;
  if (apart->refused == before.stored_ino) return false;
  const auto xattrs = ProveMove(now, {before, id, false}, plan_.dirs[apart->group->first_dir]);
  if (!xattrs) apart->refused = before.stored_ino;
  return xattrs == before.xattrs;
}

// Has the group's leader linked from what an unchanged name of the same inode has in the previous
// snapshot. False where it is another inode.
bool Planner::TakeKept(const Entry& before, DirId id, Apart* apart) {
  if (!IsKept(before, id, apart)) return false;
  LinkGroup* const group = apart->group;
  const Entry& now = apart->now;
  if (group->stored_ino == before.stored_ino) return true;
  // Another one that is to be linked from it has to give way.
  const auto [claimed, is_first] =
      claimed_.emplace(before.stored_ino, Claimed{GroupOf(now), before.ino});
  if (!is_first) doubts_.insert(before.stored_ino);
  PlannedDir& dir = plan_.dirs[group->first_dir];
  Decision& decision = dir.decisions[group->first_place];
  const bool was_made = decision.step != Step::kLink;
  const bool is_file = now.type == Type::kFile;
  if (was_made) plan_.tally.need.Save(is_file ? now.size : 0, is_file ? group->allocated : 0);
  if (decision.change == ChangeKind::kNone) {
    decision.change = ChangeKind::kMetadata;
    ++plan_.tally.of(ChangeKind::kMetadata);
    plan_.tally.differs = true;
  }
  decision.step = Step::kLink;
  group->stored_ino = before.stored_ino;
  MovedFrom origin{id, std::string(before.name), before.stored_ino, before.xattrs, before.digest};
  dir.Extras().moved_from.insert_or_assign(group->first_place, std::move(origin));
  return true;
}

}  // namespace cura
