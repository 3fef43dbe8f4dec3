// Lookups in a plan.
#include "plan/plan.h"

#include <algorithm>

#include "base/volumes.h"

namespace cura {

PlannedExtras& PlannedDir::Extras() {
  if (extras == nullptr) extras = std::make_unique<PlannedExtras>();
  return *extras;
}

const MovedFrom* PlannedDir::MovedFromAt(std::uint32_t place) const {
  if (extras == nullptr) return nullptr;
  const auto found = extras->moved_from.find(place);
  return found == extras->moved_from.end() ? nullptr : &found->second;
}

void Totals::Add(const Entry& entry) {
  switch (entry.type) {
    case Type::kFile:
      ++files;
      bytes += entry.size;
      break;
    case Type::kDirectory:
      ++directories;
      break;
    case Type::kSymlink:
      ++symlinks;
      break;
    default:
      ++specials;
  }
}

void Totals::Merge(const Totals& other) {
  files += other.files;
  directories += other.directories;
  symlinks += other.symlinks;
  specials += other.specials;
  bytes += other.bytes;
}

void Tally::Merge(const Tally& other) {
  totals.Merge(other.totals);
  need.bytes += other.need.bytes;
  need.allocated += other.need.allocated;
  need.inodes += other.need.inodes;
  for (size_t i = 0; i < kChangeKinds; ++i) {
    changes[i] += other.changes[i];
    directory_changes[i] += other.directory_changes[i];
  }
  differs = differs || other.differs;
}

std::uint64_t Plan::AllocatedFor(const Entry& file) const {
  const Identity identity = GroupOf(file);
  const auto group = groups.find(identity);
  if (group != groups.end() && group->second.first_dir != kNoDir) return group->second.allocated;
  const auto found = sparse.find(identity);
  return found != sparse.end() ? found->second : RoundToBlock(file.size);
}

const PlannedDir* Plan::Find(DirRef ref) const {
  if ((ref & kPlannedBit) != 0) return &dirs[ref & ~kPlannedBit];
  return by_previous[ref] == kNoDir ? nullptr : &dirs[by_previous[ref]];
}

DirId Plan::PreviousOf(DirRef ref) const {
  return (ref & kPlannedBit) == 0 ? ref : dirs[ref & ~kPlannedBit].previous;
}

std::vector<std::string> Plan::PathOf(const PlannedDir& dir, const Previous& previous) const {
  std::vector<std::string> names;
  const PlannedDir* at = &dir;
  while (at != &dirs.front() && at->previous == kNoDir) {
    names.emplace_back(BlockReader(at->block).head().name);
    at = &dirs[at->parent];
  }
  std::reverse(names.begin(), names.end());
  if (at->previous != kNoDir) {
    const auto above = previous.PathOf(at->previous);
    names.insert(names.begin(), above.begin(), above.end());
  }
  return names;
}

}  // namespace cura
