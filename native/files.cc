// Making entries; which errors permit another way, and whose fault the others are.
#include "files.h"

#include "metadata.h"
#include "volumes.h"

namespace cura {

namespace {

constexpr int kAttempts = 3;
constexpr std::uint64_t kWritebackFrom = 1U << 20U;

// The inode was seen before and after reading: did anybody write to it?
bool IsUntouched(const sys::Stat& before, const sys::Stat& after) {
  return before.size == after.size && before.mtime == after.mtime && before.ctime == after.ctime;
}

// This inode, name or user cannot be linked; a copy will do.
bool PermitsCopy(int error) {
  return error == EMLINK || error == EXDEV || error == EPERM || error == EACCES ||
         error == ENOENT || error == ENOTDIR || error == ELOOP || IsBadName(error) ||
         IsUnsupported(error);
}

bool PermitsNoClone(int error) {
  return error == EXDEV || error == EINVAL || error == ENOTTY || error == EPERM ||
         error == ETXTBSY || error == EBADF || IsUnsupported(error);
}

}  // namespace

bool IsBadName(int error) {
  return error == ENAMETOOLONG || error == EILSEQ || error == EINVAL || error == EEXIST;
}

// A source file as it was when it was opened.
struct Maker::Opened {
  Fd fd;
  sys::Stat stat;
  Timestamp seen;  // before `stat` was asked for
};

// A new file: empty, or with the blocks of the file that it is made from.
struct Maker::Target {
  Fd fd;
  bool cloned = false;
};

Maker::Maker(Failures* failures, Monitor* monitor, bool digests)
    : failures_(failures), monitor_(monitor), digests_(digests && sys::Sha256::IsThere()) {
  if (digests && !digests_) failures_->AddNote("digest", {});
}

Made Maker::Report(OsError error) {
  const Made made = error.code == ENOENT ? Made::kVanished : Made::kUnread;
  failures_->Add(std::move(error));
  return made;
}

Made Maker::Refuse(OsError error, const Entry& entry) {
  // That it is still so has been told.
  if (!entry.not_stored) failures_->Add(std::move(error));
  return Made::kNotStored;
}

Xattrs Maker::XattrsOf(const Place& place, const Site& site, Entry* entry) {
  return ReadXattrsOf(
      entry, place, [&] { return site.Path(); }, failures_);
}

// Nothing when it is open: another regular file may have taken the name since the scan, anything
// else has changed under our hands.
std::optional<Made> Maker::OpenSource(const Site& from, Opened* opened) {
  sys::Stat listed;
  if (sys::StatAt(from.dir, from.name.c_str(), &listed) != 0) {
    return Report(LastError("statx", from.Path()));
  }
  if (TypeOf(listed.mode) != Type::kFile) return Report({kChangedCode, "statx", from.Path(), {}});
  opened->fd = OpenToRead(from.dir, from.name.c_str());
  if (!opened->fd.valid()) return Report(LastError("openat", from.Path()));
  if (sys::Now(&opened->seen) != 0) opened->seen = {};
  if (sys::StatFd(opened->fd.get(), &opened->stat) != 0) {
    return Report(LastError("statx", from.Path()));
  }
  if (TypeOf(opened->stat.mode) != Type::kFile) {
    return Report({kChangedCode, "openat", from.Path(), {}});
  }
  return std::nullopt;
}

Result<Maker::Target> Maker::Create(int from_fd, const Site& to, std::atomic<bool>* can_clone) {
  if (*can_clone) {
    Fd clone(sys::CreateClone(from_fd, to.dir, to.name.c_str()));
    if (clone.valid()) return Target{std::move(clone), true};
    // The open below says it again where it was not the cloning that failed.
    const bool impossible = PermitsNoClone(errno);
    if (!impossible && !IsBadName(errno)) return LastError("clone", to.Path());
    if (impossible) *can_clone = false;
  }
  Fd fd(sys::CreateAt(to.dir, to.name.c_str()));
  if (!fd.valid()) return LastError("openat", to.Path());
  return Target{std::move(fd), false};
}

std::optional<CopyError> Maker::CopyInto(const Fd& target, const Opened& opened,
                                         ContentHash* hash) {
  hash->Start();
  return CopyContent(opened.fd.get(), target.get(), opened.stat, hash, monitor_);
}

// A clone has the content, and is read for its digest alone. Not the source, which may be another
// one by now.
std::optional<CopyError> Maker::ReadClone(const Fd& clone, ContentHash* hash) {
  hash->Start();
  if (!hash->is_on()) return std::nullopt;
  sys::Stat stat;
  if (sys::StatFd(clone.get(), &stat) != 0) return CopyError{LastError("statx"), Side::kStore};
  return HashContent(clone.get(), stat, hash, monitor_);
}

Result<Made> Maker::Judge(CopyError error, const Site& from, const Site& to) {
  const bool is_ours = error.side == Side::kStore;
  error.error.path = is_ours ? to.Path() : from.Path();
  if (is_ours) return std::move(error.error);
  return Report(std::move(error.error));
}

// What was taken while the content was stored; that there is none is told.
Digest Maker::DigestFrom(ContentHash* hash, const Site& site) {
  const Digest digest = hash->Finish();
  if (digests_ && digest == kNoDigest) failures_->AddNote("digest", site.Path());
  return digest;
}

// Fills the new file from the opened source, again when somebody writes to it meanwhile.
Result<Made> Maker::FillFrom(const Site& from, const Site& to, Opened* opened, Target* target,
                             ContentHash* hash) {
  for (int attempt = 1;; ++attempt) {
    if (!target->cloned) {
      if (auto error = CopyInto(target->fd, *opened, hash)) return Judge(*error, from, to);
    }
    Timestamp seen;
    sys::Stat after;
    if (sys::Now(&seen) != 0) seen = {};
    if (sys::StatFd(opened->fd.get(), &after) != 0) return Report(LastError("statx", from.Path()));
    if (IsUntouched(opened->stat, after)) {
      auto error = target->cloned ? ReadClone(target->fd, hash) : std::nullopt;
      return error ? Judge(*error, from, to) : Made::kDone;
    }
    if (attempt == kAttempts) {
      // Stored as it was read last, without a ctime, so that the next run looks into it again.
      opened->stat.ctime = {};
      failures_->Add({kChangedCode, "read", from.Path(), {}});
      return Made::kDone;
    }
    opened->stat = after;
    opened->seen = seen;
    target->cloned = false;
    if (sys::Seek(opened->fd.get(), 0, SEEK_SET) < 0)
      return Report(LastError("lseek", from.Path()));
    if (sys::Truncate(target->fd.get(), 0) != 0) return LastError("ftruncate", to.Path());
    if (sys::Seek(target->fd.get(), 0, SEEK_SET) < 0) return LastError("lseek", to.Path());
  }
}

// Gives a filled file its metadata and closes it; a late write error shows here.
Status Maker::Finish(const Site& to, Fd target, const Xattrs& xattrs, Entry* entry) {
  Fresh fresh{Place::OfFd(target.get()), {}, [&] { return to.Path(); }};
  if (sys::StatFd(target.get(), &fresh.actual) != 0) return LastError("statx", to.Path());
  entry->stored_ino = fresh.actual.ino;
  if (auto error = SetMetadata(fresh, *entry, xattrs, failures_)) return error;
  if (entry->size >= kWritebackFrom) sys::StartWriteback(target.get());
  if (target.Close() != 0) return LastError("close", to.Path());
  return std::nullopt;
}

Result<Made> Maker::CopyFile(const Site& from, const Site& to, Entry* entry) {
  Opened opened;
  if (auto made = OpenSource(from, &opened)) return *made;
  auto target = Create(opened.fd.get(), to, &can_clone_source_);
  if (!target.ok()) {
    if (IsBadName(target.error().code)) return Refuse(std::move(target.error()), *entry);
    return std::move(target.error());
  }
  ContentHash hash(digests_);
  auto filled = FillFrom(from, to, &opened, &target.value(), &hash);
  if (!filled.ok()) return filled;
  if (filled.value() != Made::kDone) {
    if (sys::UnlinkAt(to.dir, to.name.c_str()) != 0) return LastError("unlinkat", to.Path());
    return filled;
  }
  Entry stored = EntryOf(opened.stat);
  stored.name = entry->name;
  if (stored.dev == entry->dev) stored.volume = entry->volume;
  if (!IsSettled(stored, opened.seen)) stored.ctime = {};
  stored.digest = DigestFrom(&hash, from);
  *entry = stored;
  const Xattrs xattrs = XattrsOf(Place::OfFd(opened.fd.get()), from, entry);
  if (auto error = Finish(to, std::move(target.value().fd), xattrs, entry)) {
    return std::move(*error);
  }
  return Made::kDone;
}

Result<Made> Maker::CloneFile(const Site& stored, const Site& source, const Site& to,
                              Entry* entry) {
  // The store's user may have put another one there, even one that must not be opened.
  Opened opened;
  const bool is_it = sys::StatAt(stored.dir, stored.name.c_str(), &opened.stat) == 0 &&
                     TypeOf(opened.stat.mode) == Type::kFile &&
                     opened.stat.ino == entry->stored_ino && opened.stat.size == entry->size;
  if (!is_it) return Made::kMustCopy;
  opened.fd = OpenToRead(stored.dir, stored.name.c_str());
  if (!opened.fd.valid()) return Made::kMustCopy;
  auto target = Create(opened.fd.get(), to, &can_clone_stored_);
  if (!target.ok()) {
    if (IsBadName(target.error().code)) return Refuse(std::move(target.error()), *entry);
    return std::move(target.error());
  }
  // The digest that is known stays, so that it tells should the stored file have gone bad.
  const bool has_digest = entry->digest != kNoDigest;
  ContentHash hash(digests_ && !has_digest);
  auto error = target.value().cloned ? ReadClone(target.value().fd, &hash)
                                     : CopyInto(target.value().fd, opened, &hash);
  if (error && error->side == Side::kSource) {
    // The stored file cannot be read; the source still has it.
    if (sys::UnlinkAt(to.dir, to.name.c_str()) != 0) return LastError("unlinkat", to.Path());
    return Made::kMustCopy;
  }
  if (error) {
    error->error.path = to.Path();
    return std::move(error->error);
  }
  if (!has_digest) entry->digest = DigestFrom(&hash, source);
  const Xattrs xattrs = XattrsOf(Place::At(source.dir, source.name.c_str()), source, entry);
  if (auto late = Finish(to, std::move(target.value().fd), xattrs, entry)) {
    return std::move(*late);
  }
  return Made::kDone;
}

Result<Made> Maker::MakeNode(const Site& from, const Site& to, Entry* entry) {
  const char* name = to.name.c_str();
  if (entry->type == Type::kSymlink) {
    if (sys::SymlinkAt(std::string(entry->target).c_str(), to.dir, name) != 0) {
      if (IsBadName(errno)) return Refuse(LastError("symlinkat", to.Path()), *entry);
      return LastError("symlinkat", to.Path());
    }
  } else if (sys::MakeNodeAt(to.dir, name, TypeBits(entry->type) | 0600U, entry->rdev) != 0) {
    // A filesystem that has no room for the number of a device says EINVAL.
    const bool is_device = entry->type != Type::kFifo;
    const bool refused =
        errno == EPERM || errno == EACCES || IsUnsupported(errno) || (errno == EINVAL && is_device);
    if (!refused && IsBadName(errno)) return Refuse(LastError("mknodat", to.Path()), *entry);
    if (!refused) return LastError("mknodat", to.Path());
    failures_->AddNote(is_device ? "device" : "fifo", from.Path());
    entry->stored_ino = 0;  // in the manifest alone
    return Made::kDone;
  }
  Fresh fresh{Place::At(to.dir, name), {}, [&] { return to.Path(); }};
  if (sys::StatAt(to.dir, name, &fresh.actual) != 0) return LastError("statx", to.Path());
  entry->stored_ino = fresh.actual.ino;
  Xattrs xattrs;
  if (entry->xattrs != 0) {
    xattrs = XattrsOf(Place::At(from.dir, from.name.c_str()), from, entry);
  }
  if (auto error = SetMetadata(fresh, *entry, xattrs, failures_)) {
    return std::move(*error);
  }
  return Made::kDone;
}

Result<Made> Maker::Link(const Site& from, const Site& to, std::uint64_t expected_ino) {
  if (sys::LinkAt(from.dir, from.name.c_str(), to.dir, to.name.c_str()) != 0) {
    if (PermitsCopy(errno)) return Made::kMustCopy;
    OsError error = LastError("linkat", from.Path(), to.Path());
    return error;
  }
  sys::Stat stat;
  if (sys::StatAt(to.dir, to.name.c_str(), &stat) != 0) return LastError("statx", to.Path());
  if (expected_ino == 0 || stat.ino == expected_ino) return Made::kDone;
  if (sys::UnlinkAt(to.dir, to.name.c_str()) != 0) return LastError("unlinkat", to.Path());
  return Made::kMustCopy;
}

}  // namespace cura
