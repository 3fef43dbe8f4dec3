// Creating, inspecting and removing the lock file.
#include "lock.h"

#include <fcntl.h>

#include "store.h"

namespace cura {

namespace {

constexpr const char* kLockName = ".backups_lock";
constexpr size_t kMostText = 64 * 1024;

// Holds the flock of the store directory for the length of one step.
class Guard {
 public:
  explicit Guard(const Fd& store) : dir_(sys::OpenAt(store.get(), ".", sys::kOpenDirectory)) {
    constexpr int kAttempts = 5000;
    for (int i = 0; i < kAttempts && dir_.valid(); ++i) {
      if (sys::TryFlock(dir_.get()) == 0) return;
      // Network filesystems may not lock directories; the lock file's own flock decides there.
      if (errno != EWOULDBLOCK) return;
      sys::Pause(1);
    }
    timed_out_ = true;
  }
  [[nodiscard]] bool timed_out() const { return timed_out_; }

 private:
  Fd dir_;
  bool timed_out_ = false;
};

OsError GuardError() { return {EWOULDBLOCK, "flock", kLockName, {}}; }

// Whether the name still stands for the open file.
bool IsStillNamed(const Fd& store, const Fd& file) {
  sys::Stat named, open;
  return sys::StatAt(store.get(), kLockName, &named) == 0 && sys::StatFd(file.get(), &open) == 0 &&
         Identity{named.dev, named.ino} == Identity{open.dev, open.ino};
}

// Looks at what is there, and says in `file` what was opened.
Result<std::optional<LockAttempt>> Inspect(const Fd& store, Fd* file) {
  sys::Stat stat;
  if (sys::StatAt(store.get(), kLockName, &stat) != 0) {
    if (errno == ENOENT) return std::optional<LockAttempt>();
    return LastError("statx", kLockName);
  }
  LockAttempt attempt;
  attempt.type = TypeOf(stat.mode);
  if (attempt.type != Type::kFile) return std::optional(attempt);
  *file = Fd(sys::OpenAt(store.get(), kLockName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file->valid()) return LastError("openat", kLockName);
  attempt.flocked = sys::TryFlock(file->get()) != 0 && errno == EWOULDBLOCK;
  auto text = ReadSome(*file, kMostText);
  if (!text.ok()) return std::move(text.error());
  attempt.text = std::move(text.value());
  return std::optional(std::move(attempt));
}

// On a full disk the lock stays without its text, for prune has to work there: it is held by its
// flock all the same, and others are told of an unknown owner.
Status WriteText(const Fd& file, const std::string& text) {
  const ssize_t written = sys::Write(file.get(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return std::nullopt;
  const bool full = written >= 0 || errno == ENOSPC || errno == EDQUOT;
  if (!full) return LastError("write", kLockName);
  // Half a text might name another process.
  if (sys::Truncate(file.get(), 0) != 0) return LastError("ftruncate", kLockName);
  return std::nullopt;
}

}  // namespace

Result<std::optional<LockAttempt>> Lock::Look() const {
  const Guard guard(*store_);
  if (guard.timed_out()) return GuardError();
  Fd file;
  return Inspect(*store_, &file);
}

Result<LockAttempt> Lock::Try(const std::string& text) {
  const Guard guard(*store_);
  if (guard.timed_out()) return GuardError();
  Fd file(sys::CreateAt(store_->get(), kLockName));
  if (!file.valid()) {
    if (errno != EEXIST) return LastError("openat", kLockName);
    return Occupied();
  }
  const bool held = sys::TryFlock(file.get()) == 0 || errno != EWOULDBLOCK;
  LockAttempt attempt;
  attempt.flocked = !held;
  if (!held) return attempt;
  if (auto error = WriteText(file, text)) {
    sys::UnlinkAt(store_->get(), kLockName);
    return std::move(*error);
  }
  held_ = std::move(file);
  attempt.created = true;
  return attempt;
}

// What is in the way; where it is gone again, nothing that is held, so that the caller tries again.
Result<LockAttempt> Lock::Occupied() const {
  Fd found;
  auto attempt = Inspect(*store_, &found);
  if (!attempt.ok()) return std::move(attempt.error());
  return attempt.value().value_or(LockAttempt{});
}

Result<LockAttempt> Lock::Borrow(const std::string& directory, const std::string& file) {
  const Guard guard(*store_);
  if (guard.timed_out()) return GuardError();
  const Fd dir(sys::OpenAt(store_->get(), directory.c_str(), sys::kOpenPath));
  if (!dir.valid()) return LastError("openat", directory);
  Fd lender(sys::OpenAt(dir.get(), file.c_str(), sys::kOpenFile));
  if (!lender.valid()) return LastError("openat", directory + "/" + file);
  if (sys::LinkAt(dir.get(), file.c_str(), store_->get(), kLockName) != 0) {
    if (errno != EEXIST) return LastError("linkat", kLockName);
    return Occupied();
  }
  LockAttempt attempt;
  attempt.created = IsStillNamed(*store_, lender) && sys::TryFlock(lender.get()) == 0;
  if (attempt.created) {
    held_ = std::move(lender);
  } else {
    sys::UnlinkAt(store_->get(), kLockName);
  }
  return attempt;
}

Result<bool> Lock::Break(const std::optional<std::string>& text) const {
  const Guard guard(*store_);
  if (guard.timed_out()) return GuardError();
  Fd file;
  auto found = Inspect(*store_, &file);
  if (!found.ok()) return std::move(found.error());
  if (!found.value()) return true;
  const LockAttempt& attempt = *found.value();
  const bool odd = attempt.type != Type::kFile;
  const bool same = text ? !odd && !attempt.flocked && attempt.text == *text : odd;
  if (!same || (!odd && !IsStillNamed(*store_, file))) return false;
  if (sys::UnlinkAt(store_->get(), kLockName) != 0) return LastError("unlinkat", kLockName);
  return true;
}

void Lock::Release() {
  if (!held_.valid()) return;
  if (IsStillNamed(*store_, held_)) sys::UnlinkAt(store_->get(), kLockName);
  held_.Reset();
}

}  // namespace cura
