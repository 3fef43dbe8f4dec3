// Joins the planned directories with the previous ones, and lists each name that differs.
#include "plan/changes.h"

#include <algorithm>
#include <iterator>

namespace cura {

namespace {

std::string Below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + '/' + std::string(name);
}

}  // namespace

ChangeLister::ChangeLister(const Plan* plan, const Previous* previous, const DirectoryMoves* moves)
    : plan_(plan), previous_(previous), moves_(moves) {
  MarkDiffering();
  EnterDirectory(plan->Root(), {});
}

void ChangeLister::MarkDiffering() {
  if (!previous_->exists()) return;
  differs_.resize(previous_->directories());
  for (DirId id = 0; id < plan_->by_previous.size(); ++id) {
    if (plan_->by_previous[id] == kNoDir) continue;
    for (DirId at = id; !differs_[at]; at = previous_->ParentOf(at)) {
      differs_[at] = true;
    }
  }
}

std::vector<Change> ChangeLister::Next(size_t limit) {
  while (ready_.size() < limit && !frames_.empty()) VisitNext();
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, ready_.size()));
  std::vector<Change> page(std::make_move_iterator(ready_.begin()), std::make_move_iterator(end));
  ready_.erase(ready_.begin(), end);
  return page;
}

void ChangeLister::EnterDirectory(DirRef ref, std::string_view name) {
  const PlannedDir* const dir = plan_->Find(ref);
  const bool has_before = dir != nullptr && dir->previous != kNoDir;
  BlockList now(dir != nullptr ? BlockReader(dir->block) : previous_->Directory(ref));
  BlockList before = has_before ? BlockList(previous_->Directory(dir->previous)) : BlockList();
  const size_t path_size = path_.size();
  if (!name.empty()) path_ = Below(path_, name);
  const bool is_moved = moves_->to.contains(ref);
  frames_.push_back({dir, {std::move(now), std::move(before)}, 0, path_size, is_moved});
}

void ChangeLister::LeaveDirectory() {
  path_.resize(frames_.back().path_size);
  frames_.pop_back();
}

// Handles the next name of the current directory, or leaves the directory at its end.
void ChangeLister::VisitNext() {
  Frame& frame = frames_.back();
  if (!frame.names.Next()) {
    LeaveDirectory();
    return;
  }
  const Entry* const before = frame.names.right();
  if (frame.names.left() == nullptr) {
    const auto below = ListDeleted(path_, frame.dir->previous, *before);
    if (below) ListDeletedBelow(*below, before->directory);
    return;
  }
  const Entry now = *frame.names.left();
  if (frame.dir != nullptr) ListEntry(frame, now);
  const bool is_replaced = before != nullptr && before->type == Type::kDirectory &&
                           !before->unread && now.type != Type::kDirectory;
  if (is_replaced) ListDeletedBelow(Below(path_, now.name), before->directory);
  ++frame.place;
  if (now.type != Type::kDirectory || now.unread) return;
  const bool is_new = (now.directory & kPlannedBit) != 0;
  if (is_new || differs_[now.directory]) EnterDirectory(now.directory, now.name);
}

void ChangeLister::ListEntry(const Frame& frame, const Entry& entry) {
  const ChangeKind change = frame.dir->decisions[frame.place].change;
  if (change == ChangeKind::kNone) return;
  Change record{change, entry.type, Below(path_, entry.name), {}, 0, {}};
  if (entry.type == Type::kFile) record.size = entry.size;
  record.in_move = frame.is_moved;
  const auto move =
      entry.type == Type::kDirectory ? moves_->to.find(entry.directory) : moves_->to.end();
  if (move != moves_->to.end() && !frame.is_moved) {
    record.moved_from = PathOf(move->second.from);
    record.moved_entries = move->second.entries;
  }
  const MovedFrom* const origin = frame.dir->MovedFromAt(frame.place);
  if (origin != nullptr && change == ChangeKind::kRenamed) {
    record.from = Below(PathOf(origin->dir), origin->name);
  }
  ready_.push_back(std::move(record));
}

std::string ChangeLister::PathOf(DirId dir) const {
  std::string path;
  for (const std::string& name : previous_->PathOf(dir)) path = Below(path, name);
  return path;
}

// Lists a deleted entry. Returns its path if it is a directory, because more is deleted below it.
std::optional<std::string> ChangeLister::ListDeleted(const std::string& above, DirId dir,
                                                     const Entry& entry) {
  const bool listed = !entry.unread && !plan_->moved_away.contains({dir, std::string(entry.name)});
  if (!listed) return std::nullopt;
  const std::uint64_t size = entry.type == Type::kFile ? entry.size : 0;
  ready_.push_back({ChangeKind::kDeleted, entry.type, Below(above, entry.name), {}, size, {}});
  const bool is_moved = entry.type == Type::kDirectory && moves_->from.contains(entry.directory);
  ready_.back().in_move = is_moved || moves_->from.contains(dir);
  if (entry.type != Type::kDirectory) return std::nullopt;
  return ready_.back().path;
}

void ChangeLister::ListDeletedBelow(const std::string& path, DirId dir) {
  std::vector<std::pair<std::string, DirId>> left = {{path, dir}};
  while (!left.empty()) {
    const auto [above, id] = std::move(left.back());
    left.pop_back();
    BlockReader block = previous_->Directory(id);
    for (Entry entry; block.Next(&entry);) {
      if (auto below = ListDeleted(above, id, entry)) {
        left.emplace_back(std::move(*below), entry.directory);
      }
    }
  }
}

}  // namespace cura
