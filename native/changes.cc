// From planned directories to records of changes.
#include "changes.h"

#include <algorithm>
#include <optional>

namespace cura {

namespace {

template <typename Names>
std::string Join(const Names& names) {
  std::string path;
  for (const auto& name : names) {
    if (!path.empty()) path += '/';
    path += name;
  }
  return path;
}

std::string Below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + '/' + std::string(name);
}

}  // namespace

ChangeLister::ChangeLister(const Plan* plan, const Manifest* previous)
    : plan_(plan), previous_(previous) {
  for (const PlannedDir& dir : plan->dirs) {
    if (!dir.block.empty()) dirs_.emplace_back(plan->PathOf(dir, previous), &dir);
  }
  std::sort(dirs_.begin(), dirs_.end());
}

std::vector<ChangeRecord> ChangeLister::Next(size_t limit) {
  while (ready_.size() < limit && next_dir_ < dirs_.size()) {
    const auto& [names, dir] = dirs_[next_dir_++];
    List(*dir, Join(names));
  }
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, ready_.size()));
  std::vector<ChangeRecord> page(std::make_move_iterator(ready_.begin()),
                                 std::make_move_iterator(end));
  ready_.erase(ready_.begin(), end);
  return page;
}

// The merge that found the changes, once more, for the names that are gone.
void ChangeLister::List(const PlannedDir& dir, const std::string& path) {
  BlockReader now_block(dir.block);
  std::optional<BlockReader> before_block;
  if (dir.previous != kNoDir) before_block = previous_->Directory(dir.previous);
  Entry now, before;
  bool has_before = before_block && before_block->Next(&before);
  const auto lose_until = [&](const Entry* next) {
    for (; has_before && (next == nullptr || before.name < next->name);
         has_before = before_block->Next(&before)) {
      if (dir.complete) AddDeleted(path, dir.previous, before);
    }
  };
  for (std::uint32_t place = 0; now_block.Next(&now); ++place) {
    lose_until(&now);
    if (has_before && before.name == now.name) {
      const bool replaced = before.type == Type::kDirectory && now.type != Type::kDirectory;
      if (replaced) AddDeletedBelow(Below(path, before.name), before.directory);
      has_before = before_block->Next(&before);
    }
    AddEntry(dir, path, now, place);
  }
  lose_until(nullptr);
}

void ChangeLister::AddEntry(const PlannedDir& dir, const std::string& path, const Entry& entry,
                            std::uint32_t place) {
  const Change change = dir.decisions[place].change;
  if (change == Change::kNone) return;
  ChangeRecord record{change, entry.type, Below(path, entry.name), {}, 0};
  if (entry.type == Type::kFile) record.size = entry.size;
  if (const auto origin = dir.origins.find(place); origin != dir.origins.end()) {
    record.from = Below(Join(previous_->PathOf(origin->second.dir)), origin->second.name);
  }
  ready_.push_back(std::move(record));
}

void ChangeLister::AddDeleted(const std::string& path, DirId dir, const Entry& entry) {
  if (entry.unread || plan_->moved_away.contains({dir, std::string(entry.name)})) return;
  const std::uint64_t size = entry.type == Type::kFile ? entry.size : 0;
  const std::string own = Below(path, entry.name);
  ready_.push_back({Change::kDeleted, entry.type, own, {}, size});
  if (entry.type == Type::kDirectory) AddDeletedBelow(own, entry.directory);
}

void ChangeLister::AddDeletedBelow(const std::string& path, DirId dir) {
  std::vector<std::pair<std::string, DirId>> left = {{path, dir}};
  while (!left.empty()) {
    const auto [above, id] = std::move(left.back());
    left.pop_back();
    BlockReader block = previous_->Directory(id);
    for (Entry entry; block.Next(&entry);) {
      if (entry.unread || plan_->moved_away.contains({id, std::string(entry.name)})) continue;
      const std::string own = Below(above, entry.name);
      ready_.push_back(
          {Change::kDeleted, entry.type, own, {}, entry.type == Type::kFile ? entry.size : 0});
      if (entry.type == Type::kDirectory) left.emplace_back(own, entry.directory);
    }
  }
}

}  // namespace cura
