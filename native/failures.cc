// Bounded collection of failures and notes.
#include "failures.h"

namespace cura {

void Failures::Add(OsError error) {
  const std::lock_guard lock(mutex_);
  const bool warning = error.code == ENOENT;
  ++(warning ? warnings_ : errors_);
  if (list_.size() < kLimit) list_.push_back({std::move(error), warning});
}

void Failures::AddNote(const std::string& kind, const std::string& path) {
  const std::lock_guard lock(mutex_);
  Note& note = notes_[kind];
  if (note.count++ == 0) note.path = path;
}

}  // namespace cura
