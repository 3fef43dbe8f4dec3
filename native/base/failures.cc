// Bounded collection of failures and notes.
#include "base/failures.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace cura {

bool Failures::IsTold(std::uint64_t path, int code) const {
  const auto [first, last] = told_.equal_range(path);
  return std::any_of(first, last, [&](const auto& told) { return told.second.code == code; });
}

void Failures::Add(OsError error) {
  const std::lock_guard lock(mutex_);
  // One trouble may show more than once: in the comparison, and when the entry is made.
  const std::uint64_t path = std::hash<std::string_view>()(error.path);
  if (IsTold(path, error.code)) return;
  is_empty_ = false;
  told_.emplace(path, Told{error.code, error.syscall});
  const bool warning = error.code == ENOENT;
  ++(warning ? warnings_ : errors_);
  if (list_.size() < kLimit) {
    list_.push_back({std::move(error), warning});
    return;
  }
  if (warning) return;
  // An error's name matters more than that of one more entry that vanished.
  while (replaced_ < list_.size() && !list_[replaced_].warning) ++replaced_;
  if (replaced_ < list_.size()) list_[replaced_] = {std::move(error), false};
}

std::optional<OsError> Failures::Find(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = told_.find(std::hash<std::string_view>()(path));
  if (found == told_.end()) return std::nullopt;
  return OsError{found->second.code, found->second.syscall, path, {}};
}

void Failures::AddNote(const std::string& kind, const std::string& path) {
  const std::lock_guard lock(mutex_);
  Note& note = notes_[kind];
  if (note.count++ == 0) note.path = path;
}

}  // namespace cura
