// The store's lock file: taken by linking a finished text to its name, held by flock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/entry.h"
#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Whether a living process holds a lock, according to its flock. Unknown if the filesystem cannot
// say.
enum class Holder : std::uint8_t { kNone, kLiving, kUnknown };

// The result of an attempt to take the lock.
struct LockAttempt {
  bool created = false;     // this process holds the lock now
  Type type = Type::kFile;  // type of the entry that blocks the lock
  Holder holder = Holder::kNone;
  bool is_local = false;  // no other machine mounts it, except through a server on this one
  std::string text;       // the first 64 KiB
};

// The lock of one store. Each step runs under a flock of the store directory, so that inspecting
// and removing a stale lock cannot hit the new lock of another process.
class Lock {
 public:
  // The descriptor must outlive the lock.
  explicit Lock(const Fd* store) : store_(store) {}

  // Describes the lock without changing it. Returns nothing if there is no lock.
  [[nodiscard]] Result<std::optional<LockAttempt>> Look() const;
  // Tries to take the lock. Writes `text` to the private name `name` first: '.backups_lock-'
  // followed by hexadecimal digits and dashes.
  Result<LockAttempt> Try(const std::string& text, const std::string& name);
  // Takes the lock on a disk without room for another file: links the lock's name to an existing
  // file. The content of that file does not describe the owner.
  Result<LockAttempt> Borrow(const std::string& directory, const std::string& file);
  // Removes a lock that nobody holds and that still contains `text`, or, without a text, a lock
  // that is no regular file. Returns false if the lock is another one by now. `name` is as for Try.
  Result<bool> Break(const std::optional<std::string>& text, const std::string& name) const;
  void Release();

 private:
  [[nodiscard]] Result<LockAttempt> Occupied() const;

  const Fd* store_;
  Fd held_;
};

}  // namespace cura
