// Chooses the leader of each link group, and joins changed names with unchanged ones of their
// inode.
#include <algorithm>

#include "plan/planner.h"

namespace cura {

// A group, and the entry of its first name in the plan.
struct Planner::Apart {
  LinkGroup* group = nullptr;
  Entry now;                  // views into the plan
  std::uint64_t refused = 0;  // a stored inode known to have other content
};

// Goes in the order of the plan, so that a directory with many names is decoded only once.
void Planner::ForEachFirst(
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
  ForEachFirst(&leaderless, [&](LinkGroup* group, const Entry& entry) {
    group->has_leader = true;
    plan_.dirs[group->first_dir].decisions[group->first_place].step = Step::kCopy;
    const bool is_file = entry.type == Type::kFile;
    plan_.tally.need.Add(is_file ? entry.size : 0, is_file ? group->allocated : 0);
  });
}

// Unchanged names of an unchanged inode are not in the plan. Other names of that inode may still be
// new or look changed, because a directory was moved into the sources or could not be read last
// time. All of them must be one inode in the new snapshot. This searches only for inodes that have
// more names than the plan holds.
void Planner::JoinKept() {
  sees_twice_ = volumes_->HasTwins() || (sources_->list().size() > 1 && sources_->Overlap());
  if (!previous_->exists() || !trust_.inodes) return;
  std::vector<LinkGroup*> parts;
  for (auto& [identity, group] : plan_.groups) {
    const bool is_whole = !sees_twice_ && group.changed_names >= group.nlink;
    if (group.first_dir != kNoDir && !is_whole) parts.push_back(&group);
  }
  // Does not use the device, whose number may have changed.
  std::unordered_multimap<std::uint64_t, Apart> apart;
  ForEachFirst(&parts, [&](LinkGroup* group, Entry now) {
    if (group->seen_ctime != Timestamp{}) now.ctime = group->seen_ctime;
    apart.emplace(now.ino, Apart{group, now, 0});
  });
  for (DirId id = 0; id < previous_->directories() && !apart.empty(); ++id) {
    if (monitor_->abort) return;
    if (previous_->IsBaseTop(id)) continue;
    BlockReader block = previous_->Directory(id);
    for (Entry before; block.Next(&before);) {
      if (before.ino == 0 || before.stored_ino == 0) continue;
      // A new name would have changed its ctime.
      if (trust_.ctimes && !before.linked) continue;
      auto [found, last] = apart.equal_range(before.ino);
      const DirId dir = previous_->DirectoryOf(id, before.name);
      while (found != last && !LinkToKept(before, dir, &found->second)) ++found;
      if (found != last) apart.erase(found);
    }
  }
}

// Whether the previous snapshot's entry equals the group's names now. If an unchanged ctime does
// not prove that, this compares contents and attributes.
bool Planner::IsKept(const Entry& before, DirId id, Apart* apart) {
  const Entry& now = apart->now;
  const Trust trust{true, trust_.ctimes, true, false};
  if (Compare(now, &before, store_.dev, trust) != Difference::kNone) return false;
  // Neither entry has a ctime if neither was settled when it was read.
  const LinkGroup& group = *apart->group;
  const ChangeKind change = plan_.dirs[group.first_dir].decisions[group.first_place].change;
  // If one name has changed, the records of the other names are in doubt as well.
  const bool is_proven = before.ctime != Timestamp{} &&
                         InodeTrustOf(now.volume) == InodeTrust::kInodes &&
                         change != ChangeKind::kChanged;
  if (trust_.ctimes && trust_.contents && is_proven) return true;
  if (now.type != Type::kFile) return now.target == before.target && now.xattrs == before.xattrs;
  if (apart->refused == before.stored_ino) return false;
  Entry unproven = now;
  unproven.ctime = {};
  const auto xattrs =
      ProveMove(unproven, {before, nullptr, id, false}, plan_.dirs[group.first_dir]);
  if (!xattrs) apart->refused = before.stored_ino;
  return xattrs == before.xattrs;
}

// Links the group's leader to the stored inode of an unchanged name. False if that is another
// inode.
bool Planner::LinkToKept(const Entry& before, DirId id, Apart* apart) {
  LinkGroup* const group = apart->group;
  const Entry& now = apart->now;
  // All its names are in the plan, except for carried ones.
  if (torn_.contains({now.volume, now.ino}) && !carried_.contains(before.stored_ino)) return false;
  if (!IsKept(before, id, apart)) return false;
  if (group->stored_ino == before.stored_ino) return true;
  // Another inode that claims this stored inode gives way.
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
