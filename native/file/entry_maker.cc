// Makes entries, and decides which errors permit a fallback and which side caused the others.
#include "file/entry_maker.h"

#include "base/volumes.h"
#include "file/metadata.h"
#include "tree/durable.h"

namespace cura {

namespace {

constexpr int kAttempts = 3;
constexpr std::uint64_t kWritebackFrom = 1U << 20U;

// Whether nobody wrote to the inode between two stats, before and after reading.
bool IsUntouched(const sys::Stat& before, const sys::Stat& after) {
  return before.size == after.size && before.mtime == after.mtime && before.ctime == after.ctime;
}

// The inode, the name or the user does not permit a link, but a copy works.
bool PermitsCopy(int error) {
  return error == EMLINK || error == EXDEV || error == ENOENT || error == ENOTDIR ||
         error == ELOOP || IsBadName(error, {}) || IsUnsupported(error);
}

// No two files of these filesystems can ever share blocks. Any other error concerns one file: it is
// a swap file, has no checksums, is not on disk yet, or belongs to another user.
bool ForbidsClones(int error) { return error == ENOTTY || IsUnsupported(error); }

// Errors to report even if a copy then succeeds.
bool IsTrouble(int error) { return error == EIO || error == ENOSPC || error == EDQUOT; }

}  // namespace

bool IsBadName(int error, std::string_view name) {
  // CIFS fails with ENOENT if a name is too long for its server.
  constexpr size_t kLongName = 100;
  if (error == ENOENT) return name.size() > kLongName;
  return error == ENAMETOOLONG || error == EILSEQ || error == EINVAL || error == EEXIST;
}

// A source file as of the time when it was opened.
struct EntryMaker::Opened {
  Fd fd;
  sys::Stat stat;
  Timestamp seen;  // taken before `stat`
};

// A new file: empty, or cloned from the source.
struct EntryMaker::Target {
  explicit Target(bool hashes) : hash(hashes) {}
  Fd fd;
  bool cloned = false;
  CopyBy by = CopyBy::kSystem;
  std::uint64_t length = 0;  // of the content that was written
  sys::Stat stat;            // taken after the file was filled
  ContentHash hash;
};

EntryMaker::EntryMaker(Failures* failures, Monitor* monitor, bool digests)
    : failures_(failures), monitor_(monitor), digests_(digests && sys::Sha256::IsThere()) {
  if (digests && !digests_) failures_->AddNote("digest", {});
}

EntryOutcome EntryMaker::Report(OsError error) {
  const EntryOutcome made = error.code == ENOENT ? EntryOutcome::kVanished : EntryOutcome::kUnread;
  failures_->Add(std::move(error));
  return made;
}

EntryOutcome EntryMaker::Refuse(OsError error, const Entry& entry) {
  if (error.code == ENOENT) error.code = ENAMETOOLONG;  // the entry did not vanish: see IsBadName
  // The scan has already reported an entry that still cannot be stored.
  if (!entry.not_stored) failures_->Add(std::move(error));
  return EntryOutcome::kNotStored;
}

Xattrs EntryMaker::XattrsOf(const Place& place, const Site& site, Entry* entry) {
  auto xattrs = ReadXattrsOf(
      entry, place, [&] { return site.Path(); }, failures_);
  return xattrs ? std::move(*xattrs) : Xattrs();
}

// Returns nothing if the file is open. Since the scan another regular file may have taken the name;
// anything else counts as changed while it was read.
std::optional<EntryOutcome> EntryMaker::OpenSource(const Site& from, Opened* opened) {
  sys::Stat listed;
  if (sys::StatAt(from.dir, from.name.c_str(), &listed) != 0) {
    return Report(LastError("statx", from.Path()));
  }
  if (TypeOf(listed.mode) != Type::kFile) return Report({kChangedCode, "statx", from.Path(), {}});
  opened->fd = OpenToRead(from.dir, from.name.c_str(), monitor_);
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

bool EntryMaker::MayClone(std::uint64_t dev) {
  const std::lock_guard lock(mutex_);
  return !unshared_.contains(dev);
}

void EntryMaker::JudgeClone(int refused, std::uint64_t dev, const Site& site) {
  if (IsTrouble(refused)) failures_->AddNote("clone", site.Path());
  if (!ForbidsClones(refused)) return;
  const std::lock_guard lock(mutex_);
  unshared_.insert(dev);
}

Result<EntryMaker::Target> EntryMaker::Create(const Opened& from, const Site& site, const Site& to,
                                              bool hashes) {
  Target target(hashes);
  if (MayClone(from.stat.dev)) {
    int refused = 0;
    target.fd = Fd(sys::CreateClone(from.fd.get(), to.dir, to.name.c_str(), &refused));
    target.cloned = target.fd.valid() && refused == 0;
    if (target.fd.valid()) JudgeClone(refused, from.stat.dev, site);
  } else {
    target.fd = Fd(sys::CreateAt(to.dir, to.name.c_str()));
  }
  if (!target.fd.valid()) return LastError("openat", to.Path());
  return target;
}

// A clone already has the content and is read only for its digest. It reads the clone because the
// source may have changed since; a byte that is unreadable in the clone is unreadable in the
// source.
std::optional<CopyError> EntryMaker::Read(const Opened& opened, Target* target) {
  target->hash.Start();
  target->length = opened.stat.size;
  if (sys::StatFd(target->fd.get(), &target->stat) != 0) {
    return CopyError{LastError("statx"), Side::kTarget};
  }
  if (!target->hash.is_on()) return std::nullopt;
  Copying reading{.from = target->fd.get(), .stat = &target->stat};
  auto error = CopyContent(&reading, &target->hash, monitor_);
  target->length = reading.length;
  return error;
}

std::optional<CopyError> EntryMaker::Fill(const Opened& opened, Target* target) {
  target->hash.Start();
  Copying copying{opened.fd.get(), target->fd.get(), &opened.stat, target->by};
  auto error = CopyContent(&copying, &target->hash, monitor_);
  target->length = copying.length;
  if (error) return error;
  if (sys::StatFd(target->fd.get(), &target->stat) == 0) return std::nullopt;
  return CopyError{LastError("statx"), Side::kTarget};
}

Result<EntryOutcome> EntryMaker::Judge(CopyError error, const Site& from, const Site& to) {
  const bool is_ours = error.side == Side::kTarget;
  error.error.path = is_ours ? to.Path() : from.Path();
  if (is_ours) return std::move(error.error);
  return Report(std::move(error.error));
}

// Returns the digest computed during the copy. Reports a missing one.
Digest EntryMaker::DigestFrom(ContentHash* hash, const Site& site) {
  const Digest digest = hash->Finish();
  if (digests_ && digest == kNoDigest) failures_->AddNote("digest", site.Path());
  return digest;
}

// Empties the target before another attempt.
Status EntryMaker::Empty(const Site& to, Target* target) {
  target->cloned = false;
  if (sys::Truncate(target->fd.get(), 0) != 0) return LastError("ftruncate", to.Path());
  if (sys::Seek(target->fd.get(), 0, SEEK_SET) < 0) return LastError("lseek", to.Path());
  return std::nullopt;
}

// Fills the new file from the opened source. Repeats the copy if the source was written to
// meanwhile, and once more, reading every byte, if the copy is too short.
Result<EntryOutcome> EntryMaker::FillFrom(const Site& from, const Site& to, Opened* opened,
                                          Target* target) {
  for (int attempt = 1;;) {
    if (!target->cloned) {
      if (auto error = Fill(*opened, target)) return Judge(*error, from, to);
    }
    Timestamp seen;
    sys::Stat after;
    if (sys::Now(&seen) != 0) seen = {};
    if (sys::StatFd(opened->fd.get(), &after) != 0) return Report(LastError("statx", from.Path()));
    const bool untouched = IsUntouched(opened->stat, after);
    if (untouched && target->cloned) {
      if (auto error = Read(*opened, target)) return Judge(*error, from, to);
    }
    const bool as_read = target->stat.size == target->length;
    if (untouched && as_read && target->length == opened->stat.size) return EntryOutcome::kDone;
    if (untouched && target->by == CopyBy::kEveryByte)
      return HandleShortCopy(from, opened, *target);
    if (!untouched && attempt++ == kAttempts) {
      if (!as_read) return Report({kShortCode, "write", from.Path(), {}});
      // Store the last copy without a ctime, so that the next run checks the file again.
      opened->stat.ctime = {};
      failures_->Add({kChangedCode, "read", from.Path(), {}});
      return EntryOutcome::kDone;
    }
    if (untouched) target->by = CopyBy::kEveryByte;
    if (untouched && target->cloned) failures_->AddNote("clone", from.Path());
    opened->stat = after;
    opened->seen = seen;
    if (sys::Seek(opened->fd.get(), 0, SEEK_SET) < 0)
      return Report(LastError("lseek", from.Path()));
    if (auto error = Empty(to, target)) return std::move(*error);
  }
}

// Handles a copy that is too short even if every byte is read and written. If the store lost bytes,
// the entry is not stored. A source may have fewer bytes than its size says where the size is an
// upper bound (sysfs, filesystems that convert contents), but not on a disk.
EntryOutcome EntryMaker::HandleShortCopy(const Site& from, Opened* opened, const Target& target) {
  if (target.stat.size != target.length) return Report({kShortCode, "write", from.Path(), {}});
  sys::Space space;
  const bool keeps = sys::SpaceOf(opened->fd.get(), &space) == 0 && space.reports_holes;
  if (!keeps) return EntryOutcome::kDone;
  opened->stat.ctime = {};
  failures_->Add({kShortCode, "read", from.Path(), {}});
  return EntryOutcome::kDone;
}

// Sets the metadata of a filled file and closes it, since close may report a late write error.
Status EntryMaker::Finish(const Site& to, Target target, const Xattrs& xattrs, Entry* entry) {
  NewInode fresh{Place::OfFd(target.fd.get()), target.stat, [&] { return to.Path(); }};
  entry->stored_ino = fresh.actual.ino;
  if (auto error = SetMetadata(fresh, *entry, xattrs, failures_)) return error;
  if (entry->size >= kWritebackFrom) sys::StartWriteback(target.fd.get());
  if (syncs_) {
    if (auto error = SyncEntry(target.fd.get(), fresh.path, failures_)) return error;
  }
  if (target.fd.Close() != 0) return LastError("close", to.Path());
  return std::nullopt;
}

Result<EntryOutcome> EntryMaker::CopyFile(const Site& from, const Site& to, Entry* entry) {
  Opened opened;
  if (auto made = OpenSource(from, &opened)) return *made;
  auto target = Create(opened, from, to, digests_);
  if (!target.ok()) {
    if (IsBadName(target.error().code, to.name)) return Refuse(std::move(target.error()), *entry);
    return std::move(target.error());
  }
  auto filled = FillFrom(from, to, &opened, &target.value());
  if (!filled.ok()) return filled;
  if (filled.value() != EntryOutcome::kDone) {
    if (sys::UnlinkAt(to.dir, to.name.c_str()) != 0) return LastError("unlinkat", to.Path());
    return filled;
  }
  Entry stored = EntryOf(opened.stat);
  stored.name = entry->name;
  if (stored.dev == entry->dev) stored.volume = entry->volume;
  if (!IsSettled(stored, opened.seen)) stored.ctime = {};
  stored.digest = DigestFrom(&target.value().hash, from);
  *entry = stored;
  const Xattrs xattrs = XattrsOf(Place::OfFd(opened.fd.get()), from, entry);
  if (auto error = Finish(to, std::move(target.value()), xattrs, entry)) {
    return std::move(*error);
  }
  return EntryOutcome::kDone;
}

// Fills the new file from the stored one, which nobody writes to.
Result<EntryOutcome> EntryMaker::FillFromStored(const Site& to, const Opened& opened,
                                                Target* target) {
  for (;;) {
    auto error = target->cloned ? Read(opened, target) : Fill(opened, target);
    if (error && error->side == Side::kSource) return EntryOutcome::kMustCopy;
    if (error) {
      error->error.path = to.Path();
      return std::move(error->error);
    }
    const bool whole = target->stat.size == opened.stat.size && target->length == opened.stat.size;
    if (whole) return EntryOutcome::kDone;
    if (target->by == CopyBy::kEveryByte) return EntryOutcome::kMustCopy;
    target->by = CopyBy::kEveryByte;
    if (sys::Seek(opened.fd.get(), 0, SEEK_SET) < 0) return EntryOutcome::kMustCopy;
    if (auto late = Empty(to, target)) return std::move(*late);
  }
}

Result<EntryOutcome> EntryMaker::CloneFile(const Site& stored, const Site& source, const Site& to,
                                           Entry* entry) {
  // The stored file may have been replaced by one that must not be opened, such as a FIFO.
  Opened opened;
  const bool is_it = sys::StatAt(stored.dir, stored.name.c_str(), &opened.stat) == 0 &&
                     TypeOf(opened.stat.mode) == Type::kFile &&
                     opened.stat.ino == entry->stored_ino && opened.stat.size == entry->size;
  if (!is_it) return EntryOutcome::kMustCopy;
  opened.fd = OpenToRead(stored.dir, stored.name.c_str(), monitor_);
  if (!opened.fd.valid()) return EntryOutcome::kMustCopy;
  // Keep the known digest, so that it reveals a damaged stored file.
  const bool has_digest = entry->digest != kNoDigest;
  auto target = Create(opened, source, to, digests_ && !has_digest);
  if (!target.ok()) {
    if (IsBadName(target.error().code, to.name)) return Refuse(std::move(target.error()), *entry);
    return std::move(target.error());
  }
  auto filled = FillFromStored(to, opened, &target.value());
  if (!filled.ok()) return filled;
  if (filled.value() != EntryOutcome::kDone) {
    // The stored file cannot be read, but the source still has the content.
    if (sys::UnlinkAt(to.dir, to.name.c_str()) != 0) return LastError("unlinkat", to.Path());
    return EntryOutcome::kMustCopy;
  }
  if (!has_digest) entry->digest = DigestFrom(&target.value().hash, source);
  const Xattrs xattrs = XattrsOf(Place::At(source.dir, source.name.c_str()), source, entry);
  if (auto late = Finish(to, std::move(target.value()), xattrs, entry)) {
    return std::move(*late);
  }
  return EntryOutcome::kDone;
}

Result<EntryOutcome> EntryMaker::MakeNode(const Site& from, const Site& to, Entry* entry) {
  const char* name = to.name.c_str();
  if (entry->type == Type::kSymlink) {
    if (sys::SymlinkAt(std::string(entry->target).c_str(), to.dir, name) != 0) {
      const bool refused = errno == EPERM || errno == EACCES || IsUnsupported(errno);
      if (!refused && IsBadName(errno, to.name)) {
        return Refuse(LastError("symlinkat", to.Path()), *entry);
      }
      if (!refused) return LastError("symlinkat", to.Path());
      failures_->AddNote("symlink", from.Path());
      entry->stored_ino = 0;  // in the manifest only
      return EntryOutcome::kDone;
    }
  } else if (sys::MakeNodeAt(to.dir, name, TypeBits(entry->type) | 0600U, entry->rdev) != 0) {
    // A filesystem that cannot store this device number fails with EINVAL.
    const bool is_device = entry->type != Type::kFifo;
    const bool refused =
        errno == EPERM || errno == EACCES || IsUnsupported(errno) || (errno == EINVAL && is_device);
    if (!refused && IsBadName(errno, to.name))
      return Refuse(LastError("mknodat", to.Path()), *entry);
    if (!refused) return LastError("mknodat", to.Path());
    failures_->AddNote(is_device ? "device" : "fifo", from.Path());
    entry->stored_ino = 0;  // in the manifest only
    return EntryOutcome::kDone;
  }
  NewInode fresh{Place::At(to.dir, name), {}, [&] { return to.Path(); }};
  if (sys::StatAt(to.dir, name, &fresh.actual) != 0) return LastError("statx", to.Path());
  entry->stored_ino = fresh.actual.ino;
  Xattrs xattrs;
  if (entry->xattrs != 0) {
    xattrs = XattrsOf(Place::At(from.dir, from.name.c_str()), from, entry);
  }
  if (auto error = SetMetadata(fresh, *entry, xattrs, failures_)) {
    return std::move(*error);
  }
  return EntryOutcome::kDone;
}

Result<EntryOutcome> EntryMaker::Link(const Site& from, const Site& to, std::uint64_t expected_ino,
                                      Type type) {
  if (sys::LinkAt(from.dir, from.name.c_str(), to.dir, to.name.c_str()) != 0) {
    const bool refused = errno == EPERM || errno == EACCES;
    if (refused && type == Type::kFile) failures_->AddNote("link", to.Path());
    if (refused || PermitsCopy(errno)) return EntryOutcome::kMustCopy;
    OsError error = LastError("linkat", from.Path(), to.Path());
    return error;
  }
  sys::Stat stat;
  if (sys::StatAt(to.dir, to.name.c_str(), &stat) != 0) return LastError("statx", to.Path());
  if (expected_ino == 0 || stat.ino == expected_ino) return EntryOutcome::kDone;
  if (sys::UnlinkAt(to.dir, to.name.c_str()) != 0) return LastError("unlinkat", to.Path());
  return EntryOutcome::kMustCopy;
}

}  // namespace cura
