// Creates, inspects and removes the lock file.
#include "store/lock.h"

#include <fcntl.h>

#include <string_view>

#include "store/store.h"

namespace cura {

namespace {

constexpr const char* kLockName = ".backups_lock";
constexpr size_t kMostText = 64 * 1024;
constexpr int kOpenWritable = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

// Starting processes use names like '.backups_lock-4711-0123abcd…' before they have the lock and
// while they remove one.
bool IsPrivateName(std::string_view name) {
  const std::string start = std::string(kLockName) + "-";
  return name.starts_with(start) && name.size() > start.size() &&
         name.find_first_not_of("0123456789abcdef-", start.size()) == std::string_view::npos;
}

// Holds the flock of the store directory during one step.
class Guard {
 public:
  explicit Guard(const Fd& store) : dir_(sys::OpenAt(store.get(), ".", sys::kOpenDirectory)) {
    constexpr int kAttempts = 5000;
    for (int i = 0; i < kAttempts && dir_.valid(); ++i) {
      if (sys::TryFlock(dir_.get()) == 0) return;
      // Network filesystems may not lock directories. There the lock file's flock decides.
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

bool IsStillNamed(const Fd& store, const Fd& file) { return IsNamed(store, kLockName, file); }

// Returns whether a living process holds the lock that is open at `file`, and takes the lock if
// nobody does.
Holder TryHold(const Fd& file, bool is_writable, bool is_local) {
  if (sys::TryFlock(file.get()) != 0)
    return errno == EWOULDBLOCK ? Holder::kLiving : Holder::kUnknown;
  // NFS applies a flock on a read-only descriptor only locally, if at all.
  if (!is_local) return is_writable ? Holder::kNone : Holder::kUnknown;
  // NFS and SMB servers hold their clients' locks as record locks.
  const bool is_remote =
      sys::TryRecordLock(file.get()) != 0 && (errno == EAGAIN || errno == EACCES);
  return is_remote ? Holder::kLiving : Holder::kNone;
}

// Opens the lock and describes it in `attempt`. CIFS refuses to read a locked file.
Status Examine(const Fd& store, Fd* file, LockAttempt* attempt) {
  *file = Fd(sys::OpenAt(store.get(), kLockName, kOpenWritable));
  const bool is_writable = file->valid();
  if (!is_writable && errno == ENOENT) return LastError("openat", kLockName);
  if (!is_writable) *file = Fd(sys::OpenAt(store.get(), kLockName, sys::kOpenFile));
  if (!file->valid()) {
    attempt->holder = Holder::kUnknown;
    return errno == EACCES ? std::nullopt : Status(LastError("openat", kLockName));
  }
  attempt->is_local = sys::IsLocal(file->get());
  attempt->holder = TryHold(*file, is_writable, attempt->is_local);
  auto text = ReadSome(*file, kMostText);
  if (text.ok()) {
    attempt->text = std::move(text.value());
  } else if (attempt->holder == Holder::kNone) {
    return std::move(text.error());
  }
  return std::nullopt;
}

// Describes the lock, and opens it into `file` if it is a regular file.
Result<std::optional<LockAttempt>> Inspect(const Fd& store, Fd* file) {
  sys::Stat stat;
  if (sys::StatAt(store.get(), kLockName, &stat) != 0) {
    if (errno == ENOENT) return std::optional<LockAttempt>();
    return LastError("statx", kLockName);
  }
  LockAttempt attempt;
  attempt.type = TypeOf(stat.mode);
  if (attempt.type != Type::kFile) return std::optional(attempt);
  if (auto error = Examine(store, file, &attempt)) {
    if (error->code == ENOENT) return std::optional<LockAttempt>();
    return std::move(*error);
  }
  return std::optional(std::move(attempt));
}

// Writes the lock's text. On a full disk the lock stays without text, because prune must work
// there. Its flock still holds it, and other processes see an unknown owner.
Status WriteText(const Fd& file, const std::string& text, bool is_local) {
  const ssize_t written = sys::Write(file.get(), text.data(), text.size());
  const bool is_whole = written == static_cast<ssize_t>(text.size());
  // Other clients of a server must see the text as soon as they see the name. A local filesystem
  // needs no sync: processes see the text at once, and after a crash the free flock is enough.
  const bool is_seen = is_whole && (is_local || sys::SyncFile(file.get()) == 0 || errno == EINVAL ||
                                    IsUnsupported(errno));
  if (is_seen) return std::nullopt;
  const bool full = (written >= 0 && !is_whole) || errno == ENOSPC || errno == EDQUOT;
  if (!full) return LastError(is_whole ? "fsync" : "write", kLockName);
  // A truncated text might name another process.
  if (sys::Truncate(file.get(), 0) != 0) return LastError("ftruncate", kLockName);
  return std::nullopt;
}

// Creates a file under a private name, takes its flock and writes the text.
Result<Fd> MakePrivate(const Fd& store, const std::string& name, const std::string& text) {
  Fd file(sys::CreateAt(store.get(), name.c_str()));
  if (!file.valid()) return LastError("openat", kLockName);
  // If the filesystem cannot lock, the existence of the name is what excludes other runs.
  const bool is_local = sys::IsLocal(file.get());
  TryHold(file, true, is_local);
  if (auto error = WriteText(file, text, is_local)) {
    sys::UnlinkAt(store.get(), name.c_str());
    return std::move(*error);
  }
  return file;
}

// Links the lock's name to our file. Fails with EEXIST if another process was faster.
int GiveName(const Fd& store, const std::string& from, const Fd& file) {
  if (sys::LinkAt(store.get(), from.c_str(), store.get(), kLockName) == 0) return 0;
  const int error = errno;
  // If a server's reply was lost, the repeated request fails because the first one succeeded.
  if (IsStillNamed(store, file)) return 0;
  const bool can_link = error != EPERM && error != EMLINK && !IsUnsupported(error);
  if (!can_link) return RenameNew(store, from, kLockName);
  errno = error;
  return -1;
}

// sshfs and other FUSE filesystems give each name its own inode number. The lock then looks like
// another file than `file`, and Release would not recognize it. The text is unique to this process,
// so compare that.
Fd Reopen(const Fd& store, const std::string& text, Fd file) {
  Fd named(sys::OpenAt(store.get(), kLockName, kOpenWritable));
  if (!named.valid()) return file;
  const auto found = ReadSome(named, kMostText);
  if (!found.ok() || found.value() != text) return file;
  TryHold(named, true, sys::IsLocal(named.get()));
  return named;
}

// Removes private names of processes that were killed while they took or removed the lock. A
// process that is still trying creates a new file.
void RemoveAbandoned(const Fd& store) {
  const Fd dir(sys::OpenAt(store.get(), ".", sys::kOpenDirectory));
  sys::Names names;
  if (!dir.valid() || sys::ReadNames(dir.get(), &names) != 0) return;
  for (const sys::Name name : names) {
    if (IsPrivateName(name.text)) sys::UnlinkAt(store.get(), name.text.data());
  }
}

}  // namespace

Result<std::optional<LockAttempt>> Lock::Look() const {
  const Guard guard(*store_);
  if (guard.timed_out()) return GuardError();
  Fd file;
  return Inspect(*store_, &file);
}

Result<LockAttempt> Lock::Try(const std::string& text, const std::string& name) {
  const Guard guard(*store_);
  if (guard.timed_out()) return GuardError();
  sys::Stat stat;
  if (sys::StatAt(store_->get(), kLockName, &stat) == 0) return Occupied();
  auto file = MakePrivate(*store_, name, text);
  if (!file.ok()) return std::move(file.error());
  const int named = GiveName(*store_, name, file.value());
  const OsError error = LastError("linkat", kLockName);
  sys::UnlinkAt(store_->get(), name.c_str());
  if (named != 0) {
    // ENOENT: the winner removed our file.
    if (error.code == EEXIST || error.code == ENOENT) return Occupied();
    return error;
  }
  held_ = std::move(file.value());
  if (!IsStillNamed(*store_, held_)) held_ = Reopen(*store_, text, std::move(held_));
  RemoveAbandoned(*store_);
  LockAttempt attempt;
  attempt.created = true;
  return attempt;
}

// Describes what blocks the lock. If it is gone by now, returns an attempt without a holder, so
// that the caller tries again.
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
  // NFS locks only writable descriptors. Nothing is ever written to it.
  Fd lender(sys::OpenAt(dir.get(), file.c_str(), kOpenWritable));
  if (!lender.valid()) return LastError("openat", directory + "/" + file);
  if (sys::LinkAt(dir.get(), file.c_str(), store_->get(), kLockName) != 0) {
    if (errno != EEXIST) return LastError("linkat", kLockName);
    return Occupied();
  }
  LockAttempt attempt;
  attempt.created = IsStillNamed(*store_, lender) &&
                    TryHold(lender, true, sys::IsLocal(lender.get())) == Holder::kNone;
  if (attempt.created) {
    held_ = std::move(lender);
  } else {
    sys::UnlinkAt(store_->get(), kLockName);
  }
  return attempt;
}

Result<bool> Lock::Break(const std::optional<std::string>& text, const std::string& name) const {
  const Guard guard(*store_);
  if (guard.timed_out()) return GuardError();
  Fd file;  // stays locked until the name is gone, so that other processes see the lock as held
  auto found = Inspect(*store_, &file);
  if (!found.ok()) return std::move(found.error());
  if (!found.value()) return true;
  const LockAttempt& attempt = *found.value();
  const bool odd = attempt.type != Type::kFile;
  const bool same = text ? !odd && attempt.holder == Holder::kNone && attempt.text == *text : odd;
  if (!same || (!odd && !IsStillNamed(*store_, file))) return false;
  if (attempt.type == Type::kDirectory) return OsError{EISDIR, "unlinkat", kLockName, {}};
  // Rename before unlinking: if another lock appeared in between, this is noticed and the lock is
  // put back.
  if (sys::RenameAt(store_->get(), kLockName, store_->get(), name.c_str()) != 0) {
    return LastError("renameat", kLockName);
  }
  if (!odd && !IsNamed(*store_, name.c_str(), file)) {
    RenameNew(*store_, name, kLockName);
    return false;
  }
  if (sys::UnlinkAt(store_->get(), name.c_str()) != 0) return LastError("unlinkat", kLockName);
  return true;
}

void Lock::Release() {
  if (!held_.valid()) return;
  if (IsStillNamed(*store_, held_)) sys::UnlinkAt(store_->get(), kLockName);
  held_.Reset();
}

}  // namespace cura
