// The store's lock file: taken by linking a finished text to its name, held by flock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/entry.h"
#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Who holds a lock, by its flock. Unknown where the filesystem cannot tell.
enum class Holder : std::uint8_t { kNone, kLiving, kUnknown };

// What an attempt to take the lock found.
struct LockAttempt {
  bool created = false;     // it is ours now
  Type type = Type::kFile;  // of what is in the way
  Holder holder = Holder::kNone;
  bool is_local =
      false;         // no other machine has the filesystem mounted, but by a server of this one
  std::string text;  // its first 64 KiB
};

// The lock of one store. Each step runs under a flock of the store directory itself, so looking at
// a stale lock and removing it cannot hit the fresh lock of another starter.
class Lock {
 public:
  // The descriptor must outlive the lock.
  explicit Lock(const Fd* store) : store_(store) {}

  // What is there, without touching it; nothing when there is no lock.
  [[nodiscard]] Result<std::optional<LockAttempt>> Look() const;
  // `name` is a private one in the store, '.backups_lock-' with hexadecimal digits and dashes
  // behind it, under which the text is written first.
  Result<LockAttempt> Try(const std::string& text, const std::string& name);
  // The same where the disk has no room for a file of its own: the lock is a second name of an
  // existing file, whose content then says nothing of the owner.
  Result<LockAttempt> Borrow(const std::string& directory, const std::string& file);
  // Removes a lock that nobody holds and that still reads `text`; without a text, one that is no
  // regular file. False when it is another one by now. `name` as of Try.
  Result<bool> Break(const std::optional<std::string>& text, const std::string& name) const;
  void Release();

 private:
  [[nodiscard]] Result<LockAttempt> Occupied() const;

  const Fd* store_;
  Fd held_;
};

}  // namespace cura
