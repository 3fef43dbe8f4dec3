// Compares each new directory with the deleted one that its files come from.
#include "plan/moved_directories.h"

#include "manifest/merge.h"
#include "plan/difference.h"

namespace cura {

namespace {

bool IsEmpty(BlockReader block) {
  Entry entry;
  return !block.Next(&entry);
}

class Finder {
 public:
  Finder(const Plan& plan, const Previous& previous) : plan_(plan), previous_(previous) {}

  DirectoryMoves Find();

 private:
  // What the directory at hand adds if it was moved.
  struct Candidate {
    const PlannedDir* dir = nullptr;
    DirectoryMove move;
    std::vector<std::pair<DirRef, DirId>> empty;  // its empty subdirectories
    std::uint64_t others = 0;
  };

  [[nodiscard]] DirId OriginOf(const PlannedDir& dir) const;
  [[nodiscard]] bool IsGone(DirId id) const;
  [[nodiscard]] bool IsWhole(Candidate* candidate) const;
  bool WasIn(const Entry& now, std::uint32_t place, const Entry& before,
             Candidate* candidate) const;
  bool WasSubdirectory(const Entry& now, const Entry& before, Candidate* candidate) const;

  const Plan& plan_;
  const Previous& previous_;
  DirectoryMoves moves_;
};

// The previous directory of the first entry whose origin is known.
DirId Finder::OriginOf(const PlannedDir& dir) const {
  BlockReader block(dir.block);
  Entry entry;
  for (std::uint32_t place = 0; block.Next(&entry); ++place) {
    const MovedFrom* const file = dir.MovedFromAt(place);
    if (file != nullptr) return file->dir;
    if (entry.type != Type::kDirectory) continue;
    const auto below = moves_.to.find(entry.directory);
    if (below != moves_.to.end()) return previous_.ParentOf(below->second.from);
  }
  return kNoDir;
}

// A directory that lost its files and is still there has a place in the plan.
bool Finder::IsGone(DirId id) const {
  return id != kNoDir && id != 0 && !previous_.IsBaseTop(id) && plan_.by_previous[id] == kNoDir;
}

bool Finder::WasSubdirectory(const Entry& now, const Entry& before, Candidate* candidate) const {
  if (!SameModeAndOwner(now, before)) return false;
  const auto below = moves_.to.find(now.directory);
  if (below != moves_.to.end()) {
    candidate->move.entries += below->second.entries;
    return below->second.from == before.directory;
  }
  const PlannedDir* const dir = plan_.Find(now.directory);
  if (dir == nullptr || !IsEmpty(BlockReader(dir->block))) return false;
  candidate->empty.emplace_back(now.directory, before.directory);
  return IsEmpty(previous_.Directory(before.directory));
}

bool Finder::WasIn(const Entry& now, std::uint32_t place, const Entry& before,
                   Candidate* candidate) const {
  if (now.type != before.type || now.unread || before.unread) return false;
  ++candidate->move.entries;
  if (now.type == Type::kDirectory) return WasSubdirectory(now, before, candidate);
  if (now.type == Type::kFile) {
    const MovedFrom* const file = candidate->dir->MovedFromAt(place);
    // A file of a source that this run does not name is not deleted there.
    return file != nullptr && file->dir == candidate->move.from && file->name == before.name &&
           candidate->dir->decisions[place].change == ChangeKind::kRenamed &&
           plan_.moved_away.contains({file->dir, file->name});
  }
  ++candidate->others;
  return now.ino == before.ino && now.volume == before.volume && now.mtime == before.mtime &&
         now.rdev == before.rdev && now.target == before.target && SameModeAndOwner(now, before);
}

bool Finder::IsWhole(Candidate* candidate) const {
  MergeJoin names(BlockList(BlockReader(candidate->dir->block)),
                  BlockList(previous_.Directory(candidate->move.from)));
  for (std::uint32_t place = 0; names.Next(); ++place) {
    const Entry* const now = names.left();
    const Entry* const before = names.right();
    if (now == nullptr || before == nullptr) return false;
    if (!WasIn(*now, place, *before, candidate)) return false;
  }
  return true;
}

DirectoryMoves Finder::Find() {
  // A directory comes after the one that it lies in.
  for (size_t number = plan_.dirs.size(); number-- > 1;) {
    Candidate candidate;
    candidate.dir = &plan_.dirs[number];
    if (candidate.dir->previous != kNoDir || candidate.dir->block.empty()) continue;
    candidate.move.from = OriginOf(*candidate.dir);
    if (!IsGone(candidate.move.from) || !IsWhole(&candidate)) continue;
    moves_.to.emplace(kPlannedBit | static_cast<DirRef>(number), candidate.move);
    moves_.from.insert(candidate.move.from);
    for (const auto& [to, from] : candidate.empty) {
      moves_.to.emplace(to, DirectoryMove{from, 0});
      moves_.from.insert(from);
    }
    moves_.others += candidate.others;
  }
  return std::move(moves_);
}

}  // namespace

DirectoryMoves FindDirectoryMoves(const Plan& plan, const Previous& previous) {
  if (!previous.exists()) return {};
  return Finder(plan, previous).Find();
}

}  // namespace cura
