// Ensures that no two source inodes share a stored inode in the new tree.
#include <algorithm>
#include <utility>
#include <vector>

#include "plan/planner.h"

namespace cura {

// One source inode, and its names that would be linked to a stored inode.
struct Planner::Claimant {
  struct Name {
    std::uint32_t dir = kNoDir;
    std::uint32_t place = 0;
    Entry entry;  // views into the plan
  };
  Identity identity;
  std::vector<Name> names;  // its names in the plan
  bool is_fixed = false;    // it also has names in unchanged directories
};

// Collects the claimants of each stored inode in doubt.
class Planner::Claims {
 public:
  explicit Claims(const std::unordered_set<std::uint64_t>& doubts) {
    for (const std::uint64_t stored_ino : doubts) by_stored_[stored_ino];
  }

  void AddUnchanged(BlockReader block) {
    for (Entry entry; block.Next(&entry);) {
      if (Claimant* const claimant = Find(entry, entry.stored_ino)) claimant->is_fixed = true;
    }
  }

  void AddPlanned(const PlannedDir& dir, std::uint32_t number) {
    if (dir.block.empty()) return;
    BlockReader block(dir.block);
    Entry entry;
    for (std::uint32_t place = 0; block.Next(&entry); ++place) {
      if (dir.decisions[place].step != Step::kLink) continue;
      const MovedFrom* const origin = dir.MovedFromAt(place);
      Claimant* const claimant =
          Find(entry, origin != nullptr ? origin->stored_ino : entry.stored_ino);
      if (claimant != nullptr) claimant->names.push_back({number, place, entry});
    }
  }

  [[nodiscard]] std::map<std::uint64_t, std::vector<Claimant>>& by_stored() { return by_stored_; }

 private:
  Claimant* Find(const Entry& entry, std::uint64_t stored_ino) {
    if (entry.type == Type::kDirectory || entry.unread || stored_ino == 0) return nullptr;
    const auto found = by_stored_.find(stored_ino);
    if (found == by_stored_.end()) return nullptr;
    const Identity identity = GroupOf(entry);
    for (Claimant& claimant : found->second) {
      if (claimant.identity == identity) return &claimant;
    }
    found->second.push_back({identity, {}, false});
    return &found->second.back();
  }

  std::map<std::uint64_t, std::vector<Claimant>> by_stored_;
};

// Records that an entry is to be linked to the previous snapshot's entry of that name. The stored
// inode is in doubt if another source inode may claim it by another name.
void Planner::Claim(const Entry& now, const Entry& before) {
  if (!now.linked && !before.linked) return;
  const Identity identity = GroupOf(now);
  const bool is_known = before.ino == 0 || before.ino == now.ino;
  const bool may_be_others = before.linked && !(now.linked && is_known);
  const std::lock_guard lock(groups_mutex_);
  const auto [found, is_first] = claimed_.emplace(before.stored_ino, Claimed{identity, before.ino});
  const bool is_anothers = !is_first && found->second.by != identity;
  if (may_be_others || is_anothers) doubts_.insert(before.stored_ino);
}

// Bases may disagree: one has a stored inode for another source inode, or another stored inode for
// the same one. Each was right when it was made.
void Planner::FindCrossings() {
  struct Pair {
    std::uint64_t stored_ino;
    Identity source;
    bool linked;
  };
  std::vector<Pair> pairs;
  std::vector<DirId> left = {0};
  while (!left.empty() && !monitor_->abort) {
    BlockReader block = previous_->Directory(left.back());
    left.pop_back();
    for (Entry entry; block.Next(&entry);) {
      if (entry.unread) continue;
      if (entry.type == Type::kDirectory) {
        left.push_back(entry.directory);
      } else if (entry.ino != 0 && entry.stored_ino != 0) {
        pairs.push_back({entry.stored_ino, {entry.volume, entry.ino}, entry.linked});
      }
    }
  }
  const auto stored = [](const Pair& pair) { return pair.stored_ino; };
  const auto source = [](const Pair& pair) { return std::pair(pair.source.dev, pair.source.ino); };
  const auto cross = [&](const auto& by, const auto& other, const auto& use) {
    std::sort(pairs.begin(), pairs.end(),
              [&](const Pair& a, const Pair& b) { return by(a) < by(b); });
    for (size_t i = 1; i < pairs.size(); ++i) {
      const Pair& last = pairs[i - 1];
      if (by(last) == by(pairs[i]) && other(last) != other(pairs[i])) use(last);
    }
  };
  cross(stored, source, [&](const Pair& pair) { contested_.insert(pair.stored_ino); });
  // A new name has changed the ctime of a single one, unless this run ignores that.
  const auto is_single = [&](const Pair& pair) { return trust_.ctimes && !pair.linked; };
  pairs.erase(std::remove_if(pairs.begin(), pairs.end(), is_single), pairs.end());
  cross(source, stored, [&](const Pair& pair) { torn_.insert(pair.source); });
}

// An unchanged name may belong to another inode if inode numbers or ctimes are not trusted.
void Planner::ClaimUnchanged(const Entry& now, const Entry& before, Join* join) {
  if (now.type == Type::kDirectory || before.stored_ino == 0) return;
  const bool is_same = now.ino == before.ino && now.linked == before.linked;
  if (is_same || !before.linked) return;
  join->stale = true;  // so that the plan records the new owner
  Claim(now, before);
}

// A carried name keeps its stored inode, so the other names of its inode must get the same one.
void Planner::NoteCarried(const Entry& carried) {
  if (torn_.empty() || carried.unread || carried.stored_ino == 0) return;
  if (!torn_.contains({carried.volume, carried.ino})) return;
  const std::lock_guard lock(groups_mutex_);
  carried_.insert(carried.stored_ino);
}

// A stored inode goes to the source inode with unchanged names of it, else to the one it was made
// from, else to the one with the most names. Every other claimant gets an inode of its own with the
// same content.
void Planner::SettleClaims() {
  if (!doubts_.empty() && !monitor_->abort) {
    Claims claims(doubts_);
    for (DirId id = 0; id < visited_.size(); ++id) {
      const bool is_unchanged = visited_[id] && plan_.by_previous[id] == kNoDir;
      if (is_unchanged) claims.AddUnchanged(previous_->Directory(id));
    }
    for (std::uint32_t number = 0; number < plan_.dirs.size(); ++number) {
      claims.AddPlanned(plan_.dirs[number], number);
    }
    for (auto& [stored_ino, claimants] : claims.by_stored()) {
      if (claimants.size() > 1) SeparateClaimants(stored_ino, &claimants);
    }
  }
  for (const Follower& follower : followers_) {
    const bool was_so =
        follower.group->stored_ino != 0 && follower.group->stored_ino == follower.stored_ino;
    if (!was_so) NoteMetadata(&plan_.dirs[follower.dir].decisions[follower.place]);
  }
}

void Planner::SeparateClaimants(std::uint64_t stored_ino, std::vector<Claimant>* claimants) {
  const auto claimed = claimed_.find(stored_ino);
  const auto rank = [&](const Claimant& claimant) {
    const bool is_its_own =
        claimed != claimed_.end() && claimed->second.recorded == claimant.identity.ino;
    const int reason = claimant.is_fixed ? 2 : static_cast<int>(is_its_own);
    // Only the first name of a group is a claim, so count the followers too.
    const auto group = plan_.groups.find(claimant.identity);
    const size_t changed = group == plan_.groups.end() ? 0 : group->second.changed_names;
    return std::pair(reason, std::max(claimant.names.size(), changed));
  };
  const auto winner =
      std::max_element(claimants->begin(), claimants->end(),
                       [&](const Claimant& a, const Claimant& b) { return rank(a) < rank(b); });
  for (auto it = claimants->begin(); it != claimants->end(); ++it) {
    if (it != winner) GiveOwnInode(*it, stored_ino);
  }
}

// Makes one of its names anew, and lets the others follow.
void Planner::GiveOwnInode(const Claimant& claimant, std::uint64_t stored_ino) {
  const auto known = plan_.groups.find(claimant.identity);
  bool has_leader = known != plan_.groups.end() && known->second.has_leader &&
                    known->second.stored_ino != stored_ino;
  for (const auto& [dir, place, entry] : claimant.names) {
    Decision& decision = plan_.dirs[dir].decisions[place];
    NoteMetadata(&decision);
    if (std::exchange(has_leader, true)) {
      decision.step = Step::kFollow;
      continue;
    }
    decision.step = OwnInode(entry).step;
    const bool is_file = entry.type == Type::kFile;
    plan_.tally.need.Add(is_file ? entry.size : 0, is_file ? plan_.AllocatedFor(entry) : 0);
    if (!entry.linked) continue;
    LinkGroup& group = plan_.groups[claimant.identity];
    group.has_leader = true;
    group.stored_ino = 0;
    group.first_dir = dir;
    group.first_place = place;
  }
}

void Planner::NoteMetadata(Decision* decision) {
  if (decision->change != ChangeKind::kNone) return;
  decision->change = ChangeKind::kMetadata;
  ++plan_.tally.of(ChangeKind::kMetadata);
  plan_.tally.differs = true;
}

}  // namespace cura
