// Goes through the plan, and through the record for directories that are made as a whole.
#include "restore/restore_lister.h"

#include <utility>

namespace cura {

Result<std::vector<RestoreChange>> RestoreLister::Next(size_t limit) {
  std::vector<RestoreChange> page;
  while (page.size() < limit) {
    while (ready_.empty() && (below_ || dir_ < plan_->dirs.size())) ListNext();
    if (ready_.empty()) break;
    page.push_back(std::move(ready_.front()));
    ready_.pop_front();
  }
  if (auto error = stored_->manifest->failure()) return std::move(*error);
  return page;
}

void RestoreLister::ListNext() {
  if (below_ && ListBelow()) return;
  below_.reset();
  if (dir_ == plan_->dirs.size()) return;
  const RestoreDir& dir = plan_->dirs[dir_];
  if (item_ == 0 && dir.is_listed) {
    const auto action = dir.is_missing ? RestoreAction::kRestored : RestoreAction::kUpdated;
    ready_.push_back({action, Type::kDirectory, dir.path, 0});
  }
  if (item_ < dir.items.size()) ListItem(dir, dir.items[item_]);
  if (++item_ < dir.items.size()) return;
  ++dir_;
  item_ = 0;
}

// Returns false at the end.
bool RestoreLister::ListBelow() {
  if (!below_->Next()) return false;
  const Entry& entry = below_->entry();
  std::string path = below_->path();
  const bool is_wanted =
      IsWithin(std::string_view(path).substr(above_), only_) && !left_out_->Has(path, entry);
  if (!is_wanted || entry.boundary) below_->Skip();
  if (!is_wanted || entry.unread) return true;
  const std::uint64_t bytes = entry.type == Type::kFile ? entry.size : 0;
  ready_.push_back({RestoreAction::kRestored, entry.type, std::move(path), bytes});
  return true;
}

void RestoreLister::ListItem(const RestoreDir& dir, const RestoreItem& item) {
  std::string path = dir.PathOf(dir.StoredName(item));
  const std::uint64_t bytes = item.type == Type::kFile ? item.size : 0;
  const bool is_made = item.step == RestoreStep::kMake || item.step == RestoreStep::kReplace;
  if (is_made && item.type == Type::kDirectory && !item.is_apart) {
    const auto found = stored_->manifest->Lookup(path);
    if (found.ok() && found.value() && !found.value()->entry.boundary) {
      below_.emplace(stored_->manifest, found.value()->entry.directory, path + '/');
      above_ = path.size() + 1;
      only_ = dir.only;
    }
  }
  switch (item.step) {
    case RestoreStep::kMake:
      return ready_.push_back({RestoreAction::kRestored, item.type, std::move(path), bytes});
    case RestoreStep::kReplace:
    case RestoreStep::kMetadata:
      return ready_.push_back({RestoreAction::kUpdated, item.type, std::move(path), bytes});
    case RestoreStep::kDelete:
      return ready_.push_back({RestoreAction::kDeleted, item.type, std::move(path), bytes});
    case RestoreStep::kKeep:
      return ready_.push_back({RestoreAction::kKept, item.type, std::move(path), bytes});
    case RestoreStep::kLeftover:
      return;
  }
}

}  // namespace cura
