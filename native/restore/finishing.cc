// Deletes, and sets the metadata of what was there, from the deepest directory up.
#include "restore/restore_apply.h"
#include "tree/remove.h"

namespace cura {

namespace {

bool IsAsPlanned(const RestoreItem& item, const sys::Stat& stat) {
  if (TypeOf(stat.mode) != item.live_type || stat.ino != item.ino) return false;
  // What is in a directory has been deleted by this run.
  if (item.live_type == Type::kDirectory) return true;
  return stat.mtime == item.mtime && (item.ctime == Timestamp{} || stat.ctime == item.ctime);
}

// Opens a directory of the snapshot if it is needed. If it is lost, the record still has everything
// but attributes.
DirLease OpenIf(bool is_needed, const std::shared_ptr<Dir>& stored) {
  if (!is_needed) return {};
  auto opened = stored->Open();
  return opened.ok() ? std::move(opened.value()) : DirLease();
}

int FdOf(const DirLease& lease) { return lease.valid() ? lease.fd() : -1; }

}  // namespace

bool RestoreApply::IsUntouched(const RestoreDir& dir, const RestoreItem& item, int at) {
  sys::Stat stat;
  const bool is_there = sys::StatAt(at, item.name.data(), &stat) == 0;
  if (is_there && IsAsPlanned(item, stat)) return true;
  Fail(kChangedCode, "statx", dir.PathOf(item.name));
  return false;
}

void RestoreApply::FinishAll(bool may_delete) {
  for (auto dir = plan_->dirs.rbegin(); dir != plan_->dirs.rend(); ++dir) {
    FinishDir(&*dir, may_delete && !job_.monitor->abort);
  }
}

// Lets this user delete entries of its own directory. Root needs no permission.
void RestoreApply::OpenUp(const RestoreDir& dir, int at) {
  constexpr std::uint32_t kOwner = 0700;
  constexpr std::uint32_t kBits = 07777;
  sys::Stat stat;
  if (sys::IsPrivileged() || sys::StatFd(at, &stat) != 0) return;
  if (stat.uid != sys::EffectiveUser() || (stat.mode & kOwner) == kOwner) return;
  if (sys::ChmodFd(at, (stat.mode & kBits) | kOwner) == 0) {
    opened_.try_emplace(&dir, stat.mode & kBits);
  }
}

void RestoreApply::FinishDir(RestoreDir* dir, bool may_delete) {
  auto lease = dir->target->Open();
  if (!lease.ok()) {
    const bool is_gone = lease.error().code == ENOENT;
    if (!is_gone) Fail(lease.error().code, lease.error().syscall, dir->path);
    return;
  }
  const int at = lease.value().fd();
  if (!dir->items.empty()) OpenUp(*dir, at);
  for (const RestoreItem& item : dir->items) {
    if (item.step == RestoreStep::kLeftover) RemoveLeftover(item, at);
    if (item.step == RestoreStep::kMetadata) SetMetadata(*dir, item, at);
    if (item.step == RestoreStep::kDelete && may_delete) DeleteItem(*dir, item, at);
  }
  const auto late = late_.find(dir);
  if (late != late_.end() && may_delete) ReplaceDirectories(&late->second, at);
  SetOwn(*dir);
}

// Puts entries in the place of directories, whose contents are gone by now.
void RestoreApply::ReplaceDirectories(Staged* staged, int at) {
  const RestoreDir& dir = *staged->dir;
  auto from = staged->place->Open();
  if (!from.ok()) return Fail(from.error().code, from.error().syscall, dir.path);
  for (size_t i = 0; i < dir.items.size(); ++i) {
    const RestoreItem& item = dir.items[i];
    const char* const name = item.name.data();
    if (staged->made[i] == 0) continue;
    --done_.restored;
    if (!IsUntouched(dir, item, at)) continue;
    if (sys::RemoveDirectoryAt(at, name) != 0) {
      Fail(errno == ENOTEMPTY ? kExistsCode : errno, "unlinkat", dir.PathOf(item.name));
    } else if (sys::RenameAt(from.value().fd(), name, at, name) != 0) {
      FailNow("renameat", dir.PathOf(item.name));
    } else {
      ++done_.updated;
    }
  }
  Discard(staged);
}

void RestoreApply::RemoveLeftover(const RestoreItem& item, int at) {
  if (sys::UnlinkAt(at, item.name.data()) == 0) return;
  const Fd above(sys::OpenAt(at, ".", sys::kOpenDirectory));
  Removed removed;
  Failures unreported;
  if (above.valid())
    (void)RemoveTree(above, std::string(item.name), job_.With(&unreported), &removed);
}

void RestoreApply::DeleteItem(const RestoreDir& dir, const RestoreItem& item, int at) {
  if (!IsUntouched(dir, item, at)) return;
  const char* const name = item.name.data();
  const bool is_directory = item.live_type == Type::kDirectory;
  if ((is_directory ? sys::RemoveDirectoryAt(at, name) : sys::UnlinkAt(at, name)) == 0) {
    ++done_.deleted;
    return;
  }
  const bool holds_more = is_directory && (errno == ENOTEMPTY || errno == EEXIST);
  if (holds_more && keeps_silently_) return;
  Fail(errno == EBUSY ? kMountedCode
       : holds_more   ? kExistsCode
                      : errno,
       "unlinkat", dir.PathOf(item.name));
}

Result<Entry> RestoreApply::StoredEntry(const RestoreDir& dir, const RestoreItem& item) const {
  auto found = stored_->manifest->Lookup(dir.PathOf(dir.StoredName(item)));
  if (!found.ok()) return std::move(found.error());
  if (!found.value()) return OsError{ENOENT, "pread", {}, {}};
  Entry entry = found.value()->entry;
  entry.name = entry.target = {};
  return entry;
}

// A file whose content is as recorded. Its inode is checked again, because another one may have
// taken the name.
void RestoreApply::SetMetadata(const RestoreDir& dir, const RestoreItem& item, int at) {
  const std::string path = dir.PathOf(item.name);
  auto entry = StoredEntry(dir, item);
  if (!entry.ok()) return Fail(entry.error().code, entry.error().syscall, path);
  if (!IsUntouched(dir, item, at)) return;
  const Fd file(sys::OpenAt(at, item.name.data(), sys::kOpenFile));
  sys::Stat stat;
  if (!file.valid() || sys::StatFd(file.get(), &stat) != 0) return FailNow("openat", path);
  if (!IsAsPlanned(item, stat) || stat.nlink > 1) return Fail(kChangedCode, "openat", path);
  const auto stored = stored_->Find(dir.path);
  const DirLease above = OpenIf(restorer_.MayHaveXattrs(entry.value()), stored);
  const RestoreSite site{{FdOf(above), std::string(dir.StoredName(item)), stored.get()},
                         {at, std::string(item.name), dir.target.get()}};
  if (auto error = restorer_.SetMetadataOf(file.get(), site, entry.value())) {
    return Fail(error->code, error->syscall, path);
  }
  ++done_.updated;
}

void RestoreApply::SetOwn(const RestoreDir& dir) {
  auto lease = dir.target->Open();
  if (!lease.ok()) return Fail(lease.error().code, lease.error().syscall, dir.path);
  const int fd = lease.value().fd();
  if (dir.own == nullptr) {
    const auto opened = opened_.find(&dir);
    if (opened != opened_.end() && sys::ChmodFd(fd, opened->second) != 0) {
      FailNow("fchmod", dir.path);
    }
    if (dir.mtime && sys::SetTimesFd(fd, *dir.mtime) != 0 && errno != EPERM) {
      FailNow("utimensat", dir.path);
    }
    return;
  }
  const size_t slash = dir.path.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : dir.path.substr(0, slash);
  const auto stored = stored_->Find(parent);
  const DirLease above = OpenIf(restorer_.MayHaveXattrs(*dir.own), stored);
  const RestoreSite site{
      {FdOf(above), dir.path.substr(slash == std::string::npos ? 0 : slash + 1), stored.get()},
      {fd, ".", dir.target.get()}};
  if (auto error = restorer_.SetMetadataOf(fd, site, *dir.own)) {
    return Fail(error->code, error->syscall, dir.path);
  }
  if (dir.is_listed) ++(dir.is_missing ? done_.restored : done_.updated);
}

}  // namespace cura
