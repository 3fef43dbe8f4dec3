// Collects failures and notes, within a limit.
#include "base/failures.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace cura {

bool Failures::IsCounted(std::uint64_t path, int code) const {
  const auto [first, last] = counted_.equal_range(path);
  return std::any_of(first, last, [&](const auto& counted) { return counted.second.code == code; });
}

void Failures::Add(OsError error) {
  const std::lock_guard lock(mutex_);
  // The same failure may occur twice: during the comparison, and when the entry is made.
  const std::uint64_t path = std::hash<std::string_view>()(error.path);
  if (IsCounted(path, error.code)) return;
  is_empty_ = false;
  counted_.emplace(path, Counted{error.code, error.syscall});
  const bool warning = error.code == ENOENT;
  ++(warning ? warnings_ : errors_);
  if (list_.size() < kLimit) {
    list_.push_back({std::move(error), warning});
    return;
  }
  if (warning) return;
  // Errors matter more than vanished entries, so an error replaces a warning in a full list.
  while (replaced_ < list_.size() && !list_[replaced_].warning) ++replaced_;
  if (replaced_ < list_.size()) list_[replaced_] = {std::move(error), false};
}

std::optional<OsError> Failures::Find(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = counted_.find(std::hash<std::string_view>()(path));
  if (found == counted_.end()) return std::nullopt;
  return OsError{found->second.code, found->second.syscall, path, {}};
}

void Failures::AddNote(const std::string& kind, const std::string& path) {
  const std::lock_guard lock(mutex_);
  Note& note = notes_[kind];
  if (note.count++ == 0) note.path = path;
}

}  // namespace cura
