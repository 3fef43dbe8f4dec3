// Copies stored files, verifies them on the way, and sets the recorded metadata.
#include "restore/entry_restorer.h"

#include <algorithm>

namespace cura {

namespace {

constexpr std::string_view kSecondAcl = "trusted.SGI_ACL_";

constexpr std::uint64_t kWritebackFrom = 1U << 20U;

// The target cannot hold this entry, but may hold others.
bool IsOnlyThis(int error) {
  return error == EPERM || error == EACCES || error == EINVAL || IsUnsupported(error) ||
         IsBadName(error, {});
}

// A store on XFS shows root each ACL a second time.
void DropSecondAcls(Xattrs* xattrs) {
  std::erase_if(*xattrs, [](const auto& xattr) { return xattr.first.starts_with(kSecondAcl); });
}

}  // namespace

// The path of a stored site begins with the name of the snapshot.
std::string RestoreSite::Path() const {
  const std::string whole = stored.Path();
  return whole.substr(whole.find('/') + 1);
}

bool EntryRestorer::MayHaveXattrs(const Entry& entry) const {
  return options_.keeps_xattrs && (entry.xattrs != 0 || !stored_->rebuilt.empty());
}

Xattrs EntryRestorer::XattrsOf(const Place& place, const RestoreSite& site,
                               const Entry& entry) const {
  if (!MayHaveXattrs(entry)) return {};
  const bool knows = stored_->rebuilt.empty();
  auto xattrs = ReadXattrs(place);
  const auto is_recorded = [&] { return !knows || DigestOf(xattrs.value()) == entry.xattrs; };
  if (xattrs.ok() && !is_recorded()) DropSecondAcls(&xattrs.value());
  const bool is_whole = xattrs.ok() && is_recorded();
  // The store could not hold all of them, or has lost some.
  if (!is_whole) job_.failures->AddNote("xattr:lost", site.Path());
  return xattrs.ok() ? std::move(xattrs.value()) : Xattrs();
}

Result<bool> EntryRestorer::Make(const RestoreSite& site, const Entry& entry) {
  return entry.type == Type::kFile ? MakeFile(site, entry) : MakeNode(site, entry);
}

Result<bool> EntryRestorer::MakeFile(const RestoreSite& site, const Entry& entry) {
  const bool knows = stored_->manifest->is_in_place();
  int reason = 0;
  const Fd own = OpenStored(site.stored, entry, knows, job_.monitor);
  if (own.valid()) {
    auto copied = CopyFrom(own.get(), site, entry);
    if (!copied.ok()) return std::move(copied.error());
    if (copied.value() == Copy::kGood) return true;
  } else {
    reason = errno;
    if (reason == EMFILE || reason == ENFILE || reason == ENOMEM || reason == ECANCELED) {
      return OsError{reason, "openat", site.Path(), {}};
    }
  }
  for (const Donor& donor : donors_.For(entry, site.Path(), own.valid())) {
    auto lease = donor.dir->Open();
    if (!lease.ok()) continue;
    const Site from{lease.value().fd(), donor.name, donor.dir.get()};
    const Fd other = OpenStored(from, donor.entry, donor.knows_inodes, job_.monitor);
    if (!other.valid()) continue;
    auto copied = CopyFrom(other.get(), site, entry);
    if (!copied.ok()) return std::move(copied.error());
    if (copied.value() != Copy::kGood) continue;
    ++donated_;
    return true;
  }
  ++damaged_;
  job_.failures->Add({kDamagedCode, "", site.Path(), {}});
  return false;
}

Result<Fd> EntryRestorer::Create(int from, const RestoreSite& site, bool* is_cloned) {
  const Site& to = site.to;
  *is_cloned = false;
  if (may_clone_) {
    int refused = 0;
    Fd fd(sys::CreateClone(from, to.dir, to.name.c_str(), &refused));
    if (!fd.valid()) return LastError("openat", site.Path());
    if (refused != 0) may_clone_ = false;
    *is_cloned = refused == 0;
    return fd;
  }
  Fd fd(sys::CreateAt(to.dir, to.name.c_str()));
  if (!fd.valid()) return LastError("openat", site.Path());
  return fd;
}

// Writes the content, or reads it if it was cloned, and compares it with the recorded digest.
Result<EntryRestorer::Copy> EntryRestorer::Fill(int from, int to, bool is_cloned,
                                                const RestoreSite& site, const Entry& entry) {
  sys::Stat stat;
  if (sys::StatFd(from, &stat) != 0) return Copy::kDamaged;
  ContentHash hash(entry.digest != kNoDigest);
  hash.Start();
  Copying copying{.from = from, .to = to, .stat = &stat};
  if (is_cloned) {
    copying.from = to;
    copying.to = kNowhere;
  }
  if (!is_cloned || hash.is_on()) {
    if (auto error = CopyContent(&copying, &hash, job_.monitor)) {
      if (error->side == Side::kSource && error->error.code != ECANCELED) return Copy::kDamaged;
      error->error.path = site.Path();
      return std::move(error->error);
    }
    if (copying.length != entry.size) return Copy::kDamaged;
  }
  sys::Stat made;
  if (sys::StatFd(to, &made) != 0) return LastError("statx", site.Path());
  if (made.size != entry.size) return OsError{EIO, "write", site.Path(), {}};
  const Digest digest = hash.Finish();
  if (entry.digest != kNoDigest && digest != entry.digest) return Copy::kDamaged;
  return Copy::kGood;
}

Result<EntryRestorer::Copy> EntryRestorer::CopyFrom(int from, const RestoreSite& site,
                                                    const Entry& entry) {
  bool is_cloned = false;
  auto target = Create(from, site, &is_cloned);
  if (!target.ok()) return std::move(target.error());
  auto filled = Fill(from, target.value().get(), is_cloned, site, entry);
  if (!filled.ok() || filled.value() != Copy::kGood) {
    const int gone = sys::UnlinkAt(site.to.dir, site.to.name.c_str());
    if (filled.ok() && gone != 0) return LastError("unlinkat", site.Path());
    return filled;
  }
  ++(entry.digest != kNoDigest ? verified_ : unverified_);
  if (auto error = Finish(std::move(target.value()), from, site, entry)) {
    sys::UnlinkAt(site.to.dir, site.to.name.c_str());
    return std::move(*error);
  }
  bytes_ += entry.size;
  return Copy::kGood;
}

Status EntryRestorer::Finish(Fd target, int from, const RestoreSite& site,
                             const Entry& entry) const {
  const Xattrs xattrs = XattrsOf(Place::OfFd(from), site, entry);
  if (auto error = SetMetadataOfNew(Place::OfFd(target.get()), site, entry, xattrs)) return error;
  if (entry.size >= kWritebackFrom) sys::StartWriteback(target.get());
  if (target.Close() != 0) return LastError("close", site.Path());
  return std::nullopt;
}

// Everything but the attributes is in the record.
Result<bool> EntryRestorer::MakeNode(const RestoreSite& site, const Entry& entry) {
  const char* const name = site.to.name.c_str();
  const bool is_symlink = entry.type == Type::kSymlink;
  const int made =
      is_symlink ? sys::SymlinkAt(std::string(entry.target).c_str(), site.to.dir, name)
                 : sys::MakeNodeAt(site.to.dir, name, TypeBits(entry.type) | 0600U, entry.rdev);
  if (made != 0) {
    if (!IsOnlyThis(errno)) return LastError(is_symlink ? "symlinkat" : "mknodat", site.Path());
    job_.failures->Add(LastError(is_symlink ? "symlinkat" : "mknodat", site.Path()));
    return false;
  }
  const Xattrs xattrs = StoredXattrs(site, entry);
  if (auto error = SetMetadataOfNew(Place::At(site.to.dir, name), site, entry, xattrs)) {
    sys::UnlinkAt(site.to.dir, name);
    return std::move(*error);
  }
  return true;
}

void EntryRestorer::NoteXattr(const std::string& key, const std::string& path) const {
  job_.failures->AddNote("xattr:" + key.substr(0, key.find('.')), path);
}

Xattrs EntryRestorer::StoredXattrs(const RestoreSite& site, const Entry& entry) const {
  return XattrsOf(Place::At(site.stored.dir, site.stored.name.c_str()), site, entry);
}

Status EntryRestorer::SetMetadataOfNew(const Place& made, const RestoreSite& site,
                                       const Entry& entry, const Xattrs& xattrs) const {
  NewInode inode{made, {}, [&] { return site.Path(); }};
  const int seen = made.fd >= 0 ? sys::StatFd(made.fd, &inode.actual)
                                : sys::StatAt(made.dir, made.name, &inode.actual);
  if (seen != 0) return LastError("statx", site.Path());
  return SetMetadata(inode, rules_.Wanted(entry, inode.actual), xattrs, job_.failures);
}

Status EntryRestorer::SetMetadataOf(int fd, const RestoreSite& site, const Entry& entry) {
  const auto path = [&] { return site.Path(); };
  NewInode inode{Place::OfFd(fd), {}, path};
  if (sys::StatFd(fd, &inode.actual) != 0) return LastError("statx", path());
  Xattrs xattrs;
  if (options_.keeps_xattrs) {
    std::vector<std::string> refused;
    auto present = ReadXattrs(inode.place, &refused);
    if (!present.ok()) return std::move(present.error());
    // What cannot be read cannot be compared, and stays.
    for (const std::string& key : refused) NoteXattr(key, path());
    // Those that are right stay, even if the store could not hold them.
    const bool is_right = stored_->rebuilt.empty() && DigestOf(present.value()) == entry.xattrs;
    xattrs = is_right ? present.value() : StoredXattrs(site, entry);
    for (const auto& [key, value] : present.value()) {
      const auto is_it = [&](const auto& wanted) { return wanted.first == key; };
      if (std::any_of(xattrs.begin(), xattrs.end(), is_it)) continue;
      if (sys::RemoveXattrFd(fd, key.c_str()) == 0) continue;
      // On XFS it goes with the ACL that it shows a second time.
      if (errno == ENODATA) continue;
      if (!IsRefused(errno)) return LastError("removexattr", path());
      NoteXattr(key, path());
    }
    // Removing an ACL changes the mode.
    if (sys::StatFd(fd, &inode.actual) != 0) return LastError("statx", path());
  }
  const Entry wanted = rules_.Wanted(entry, inode.actual);
  return SetMetadata(inode, wanted, xattrs, job_.failures);
}

}  // namespace cura
