// Finds moved files: deleted in one place and created in another.
#include <algorithm>

#include "file/copy.h"
#include "file/metadata.h"
#include "plan/planner.h"

namespace cura {

// Files that are gone, by source inode, from filesystems that keep inode numbers.
struct Planner::Candidates {
  std::vector<Gone> gone;
  std::unordered_multimap<std::uint64_t, size_t> by_ino;
  std::vector<bool> used;
};

// If a filesystem reuses inode numbers, an equal number proves nothing.
bool MayHaveMoved(const Entry& before) {
  return before.type == Type::kFile && before.ino != 0 && before.stored_ino != 0 &&
         InodeTrustOf(before.volume) == InodeTrust::kInodes;
}

void Planner::FindMoves() {
  Candidates candidates;
  CollectGone(&candidates);
  if (!trust_.inodes) return;
  if (candidates.gone.empty() || candidates.gone.size() > kMostGone) return;
  for (std::uint32_t number = 0; number < plan_.dirs.size() && !monitor_->abort; ++number) {
    if (!plan_.dirs[number].block.empty()) MatchMoves(number, &candidates);
  }
}

// Deleted directories are counted and expanded here, from the previous manifest.
void Planner::CollectGone(Candidates* candidates) {
  candidates->gone = std::move(gone_);
  while (!gone_dirs_.empty()) {
    const DirId dir = gone_dirs_.back();
    gone_dirs_.pop_back();
    BlockReader block = previous_->Directory(dir);
    Entry entry;
    while (block.Next(&entry)) {
      if (entry.unread) continue;
      plan_.tally.Count(ChangeKind::kDeleted, entry.type);
      if (entry.type == Type::kDirectory) {
        gone_dirs_.push_back(entry.directory);
      } else if (MayHaveMoved(entry) && candidates->gone.size() <= kMostGone) {
        candidates->gone.push_back({entry, block.owner(), dir, true});
      }
    }
  }
  if (has_new_source_) CollectOther(candidates);
  candidates->used.resize(candidates->gone.size());
  for (size_t i = 0; i < candidates->gone.size(); ++i) {
    candidates->by_ino.emplace(candidates->gone[i].entry.ino, i);
  }
}

// Adds files of sources that are not part of this run, up to the limit, because a renamed source
// has its files there. They do not count as deleted.
void Planner::CollectOther(Candidates* candidates) {
  std::vector<DirId> left;
  for (const Base& base : previous_->bases()) left.push_back(base.offset);
  while (!left.empty() && candidates->gone.size() < kMostGone) {
    const DirId dir = left.back();
    left.pop_back();
    const Base& base = previous_->Holding(dir);
    BlockReader block = previous_->Directory(dir);
    for (Entry entry; block.Next(&entry) && candidates->gone.size() < kMostGone;) {
      const bool is_ours = dir == base.offset && previous_->BaseOf(entry.name) == &base;
      if (entry.unread || is_ours) continue;
      if (entry.type == Type::kDirectory) {
        left.push_back(entry.directory);
      } else if (MayHaveMoved(entry)) {
        candidates->gone.push_back({entry, block.owner(), dir, false});
      }
    }
  }
}

void Planner::MatchMoves(std::uint32_t number, Candidates* candidates) {
  PlannedDir& dir = plan_.dirs[number];
  BlockReader block(dir.block);
  Entry now;
  for (std::uint32_t place = 0; block.Next(&now); ++place) {
    const Decision decision = dir.decisions[place];
    const bool may_move = decision.step == Step::kCopy ||
                          (decision.step == Step::kFollow && decision.change == ChangeKind::kNew);
    if (now.type != Type::kFile || !may_move) continue;
    const auto [first, last] = candidates->by_ino.equal_range(now.ino);
    const auto found = std::find_if(first, last, [&](const auto& candidate) {
      const Gone& gone = candidates->gone[candidate.second];
      return !candidates->used[candidate.second] && gone.entry.volume == now.volume &&
             gone.entry.size == now.size && gone.entry.mtime == now.mtime;
    });
    if (found == last) continue;
    const Gone& gone = candidates->gone[found->second];
    candidates->used[found->second] = TakeMove(now, gone, &dir, place);
    if (!candidates->used[found->second]) continue;
    if (gone.deleted) {
      --plan_.tally.of(ChangeKind::kDeleted);
      plan_.moved_away.emplace(gone.dir, gone.entry.name);
    }
  }
}

// Returns the digest of the moved file's attributes if its content equals that of the previous
// file.
std::optional<std::uint64_t> Planner::ProveMove(const Entry& now, const Gone& gone,
                                                const PlannedDir& dir) {
  // If the ctime is the same too, only a parent directory was moved.
  const bool same_inode = now.ino == gone.entry.ino && now.volume == gone.entry.volume &&
                          InodeTrustOf(now.volume) == InodeTrust::kInodes;
  const bool is_proven = same_inode && now.ctime != Timestamp{} && now.ctime == gone.entry.ctime;
  if (trust_.ctimes && trust_.contents && is_proven) return gone.entry.xattrs;
  const auto names = plan_.PathOf(dir, *previous_);
  if (previous_->failed())
    return std::nullopt;  // the path lacks names; the job ends with that error
  const bool is_operand = names.empty();
  const auto above = is_operand ? sources_->Named(now.name).dir : sources_->Find(names);
  const std::string name(is_operand ? sources_->Named(now.name).base : now.name);
  auto source = above->Open();
  auto stored = previous_->Find(gone.dir)->Open();
  if (!source.ok() || !stored.ok()) return std::nullopt;
  const Fd a = OpenToRead(source.value().fd(), name.c_str(), monitor_);
  const Fd b = OpenToRead(stored.value().fd(), std::string(gone.entry.name).c_str(), monitor_);
  sys::Stat stat;
  if (!a.valid() || !b.valid() || sys::StatFd(a.get(), &stat) != 0) return std::nullopt;
  if (Identity{stat.dev, stat.ino} != Identity{now.dev, now.ino}) return std::nullopt;
  const auto same = SameContent(a.get(), b.get(), now.size, monitor_);
  if (!same.ok() || !same.value()) return std::nullopt;
  const auto xattrs = ReadXattrs(Place::OfFd(a.get()));
  return xattrs.ok() ? DigestOf(xattrs.value()) : 0;
}

// Makes a planned entry take its content from a previous or older snapshot.
void Planner::Adopt(Decision decision, MovedFrom origin, PlannedDir* dir, std::uint32_t place) {
  Decision& planned = dir->decisions[place];
  --plan_.tally.of(planned.change);
  ++plan_.tally.of(decision.change);
  planned = decision;
  dir->Extras().moved_from.emplace(place, std::move(origin));
}

// Plans the entry as moved if its content equals that of the previous file.
bool Planner::TakeMove(const Entry& now, const Gone& gone, PlannedDir* dir, std::uint32_t place) {
  const Entry& before = gone.entry;
  if (dir->decisions[place].step != Step::kFollow) {
    return TakeStored(now, gone, dir, {ChangeKind::kRenamed, place});
  }
  // Another name of this inode is linked to the previous snapshot, and this one was moved.
  if (plan_.groups[GroupOf(now)].stored_ino != before.stored_ino) return false;
  Adopt({Step::kFollow, ChangeKind::kRenamed},
        {gone.dir, std::string(before.name), 0, 0, kNoDigest}, dir, place);
  return true;
}

// Links or clones a planned file from a stored one, if the content is the same.
bool Planner::TakeStored(const Entry& now, const Gone& gone, PlannedDir* dir, Adoption as) {
  const Entry& before = gone.entry;
  const bool is_stored_inode = now.ino == before.stored_ino && now.dev == store_.dev;
  if (is_stored_inode) return false;
  const auto xattrs = ProveMove(now, gone, *dir);
  if (!xattrs) return false;
  bool same_metadata = SameModeAndOwner(now, before) && *xattrs == before.xattrs;
  // A file of an older snapshot may have another name in the newest one.
  const bool is_older = as.change != ChangeKind::kRenamed;
  const bool shared = now.linked || before.linked || is_older;
  if (same_metadata && shared) {
    const Claimed claimed{GroupOf(now), before.ino};
    same_metadata = claimed_.emplace(before.stored_ino, claimed).second;
    // The inode number alone does not prove that the unchanged names belong to the same inode.
    if (same_metadata && (before.linked || is_older)) doubts_.insert(before.stored_ino);
  }
  if (same_metadata) {
    plan_.tally.need.Save(now.size, plan_.AllocatedFor(now));
    const auto group = plan_.groups.find(GroupOf(now));
    if (group != plan_.groups.end()) group->second.stored_ino = before.stored_ino;
  }
  Adopt({same_metadata ? Step::kLink : Step::kClone, as.change},
        {gone.dir, std::string(before.name), before.stored_ino, *xattrs, before.digest}, dir,
        as.place);
  return true;
}

}  // namespace cura
