// Bounded collection of failures and notes.
#include "failures.h"

#include <algorithm>

namespace cura {

void Failures::Add(OsError error) {
  const std::lock_guard lock(mutex_);
  // One trouble may show more than once: in the comparison, and when the entry is made.
  const bool is_told = std::any_of(list_.begin(), list_.end(), [&](const Failure& told) {
    return told.error.code == error.code && told.error.path == error.path;
  });
  if (is_told) return;
  const bool warning = error.code == ENOENT;
  ++(warning ? warnings_ : errors_);
  if (list_.size() < kLimit) {
    list_.push_back({std::move(error), warning});
    return;
  }
  // An error's name matters more than that of one more entry that vanished.
  const auto place =
      std::find_if(list_.begin(), list_.end(), [](const Failure& f) { return f.warning; });
  if (!warning && place != list_.end()) *place = {std::move(error), warning};
}

void Failures::AddNote(const std::string& kind, const std::string& path) {
  const std::lock_guard lock(mutex_);
  Note& note = notes_[kind];
  if (note.count++ == 0) note.path = path;
}

}  // namespace cura
