// Finds files that the newest snapshot lacks and an older one has, because a run in between
// excluded or could not read them.
#include <algorithm>
#include <unordered_map>

#include "plan/planner.h"

namespace cura {

// A planned directory with files that the base of its source lacks.
struct Planner::Missing {
  std::uint32_t number = 0;  // in the plan
  std::vector<std::string> path;
  std::vector<std::uint32_t> places;
};

// Finds directories of an older snapshot by path.
class Planner::OlderTree {
 public:
  OlderTree(const Previous* previous, const Base& base) : previous_(previous), top_(base.offset) {}

  // Returns kNoDir if there is no such directory.
  DirId Find(const std::vector<std::string>& path) {
    DirId at = top_;
    std::string key;
    for (const std::string& name : path) {
      key.append("/").append(name);
      const auto [found, is_new] = known_.emplace(key, kNoDir);
      if (is_new) found->second = Below(at, name);
      if (found->second == kNoDir) return kNoDir;
      at = found->second;
    }
    return at;
  }

 private:
  [[nodiscard]] DirId Below(DirId at, const std::string& name) const {
    BlockReader block = previous_->Directory(at);
    for (Entry entry; block.Next(&entry);) {
      if (entry.name == name) {
        return entry.type == Type::kDirectory && !entry.unread ? entry.directory : kNoDir;
      }
    }
    return kNoDir;
  }

  const Previous* const previous_;
  const DirId top_;
  std::unordered_map<std::string, DirId> known_;
};

std::vector<Planner::Missing> Planner::FindMissing(std::string_view source) {
  std::vector<Missing> found;
  for (std::uint32_t number = 0; number < plan_.dirs.size(); ++number) {
    const PlannedDir& dir = plan_.dirs[number];
    Missing missing{number, {}, {}};
    BlockReader block(dir.block);
    Entry now;
    for (std::uint32_t place = 0; !dir.block.empty() && block.Next(&now); ++place) {
      const Decision decision = dir.decisions[place];
      const bool is_copied = decision.step == Step::kCopy && decision.change == ChangeKind::kNew;
      const bool is_here = number != 0 || now.name == source;
      if (is_here && is_copied && now.type == Type::kFile && now.size > 0) {
        missing.places.push_back(place);
      }
    }
    if (missing.places.empty()) continue;
    missing.path = plan_.PathOf(dir, *previous_);
    if (number == 0 || missing.path.front() == source) found.push_back(std::move(missing));
  }
  return found;
}

// Links planned files to an older snapshot, and removes them from `missing`.
void Planner::LinkToOlder(OlderTree* tree, std::vector<Missing>* missing) {
  for (Missing& each : *missing) {
    const DirId id = tree->Find(each.path);
    if (id == kNoDir) continue;
    PlannedDir& dir = plan_.dirs[each.number];
    MergeJoin names(BlockList(BlockReader(dir.block)), BlockList(previous_->Directory(id)));
    for (std::uint32_t next = 0; names.Next() && !monitor_->abort;) {
      const Entry* const now = names.left();
      const Entry* const before = names.right();
      if (now == nullptr) continue;
      const std::uint32_t place = next++;
      const auto wanted = std::find(each.places.begin(), each.places.end(), place);
      const bool may_be = before != nullptr && wanted != each.places.end() &&
                          before->type == Type::kFile && before->stored_ino != 0 &&
                          !before->unread && before->size == now->size &&
                          before->mtime == now->mtime;
      if (!may_be) continue;
      if (TakeStored(*now, {*before, nullptr, id, false}, &dir, {ChangeKind::kNew, place})) {
        each.places.erase(wanted);
      }
    }
  }
  std::erase_if(*missing, [](const Missing& each) { return each.places.empty(); });
}

void Planner::LookBack(const BaseOption& option, const OpenOlder& open_older) {
  if (option.older.empty() || !plan_.tally.differs) return;
  std::vector<Missing> missing = FindMissing(option.source);
  for (const std::string& snapshot : option.older) {
    if (missing.empty() || monitor_->abort) return;
    if (!open_older(snapshot)) continue;
    OlderTree tree(previous_, previous_->bases().back());
    LinkToOlder(&tree, &missing);
  }
}

}  // namespace cura
