// Work directory and publication.
#include "publish.h"

#include "store.h"

namespace cura {

namespace {

constexpr const char* kMarkerName = ".backup_finished";

// A store may hand down ACLs that the sources do not have.
Status DropInheritedAcls(const Fd& dir, const std::string& name) {
  for (const char* key : sys::kAclKeys) {
    if (sys::RemoveXattrFd(dir.get(), key) == 0) continue;
    const bool has_none = errno == ENODATA || errno == EPERM || errno == EINVAL ||
                          errno == EACCES || IsUnsupported(errno);
    if (!has_none) return LastError("fremovexattr", name);
  }
  return std::nullopt;
}

Status TryHardlink(const Fd& dir, const std::string& name) {
  constexpr const char* kFirst = ".backup_probe";
  constexpr const char* kSecond = ".backup_probe_link";
  const Fd probe(sys::CreateAt(dir.get(), kFirst));
  if (!probe.valid()) return LastError("openat", name + "/" + kFirst);
  const bool linked = sys::LinkAt(dir.get(), kFirst, dir.get(), kSecond) == 0;
  const int error = errno;
  const bool unlinked =
      sys::UnlinkAt(dir.get(), kFirst) == 0 && (!linked || sys::UnlinkAt(dir.get(), kSecond) == 0);
  if (!unlinked) return LastError("unlinkat", name);
  if (linked) return std::nullopt;
  const bool cannot = error == EPERM || error == EMLINK || error == EXDEV || IsUnsupported(error);
  return OsError{cannot ? kNoHardlinksCode : error, "linkat", name, {}};
}

Status WriteMarker(const Fd& dir, const std::string& marker) {
  Fd file(sys::CreateAt(dir.get(), kMarkerName));
  if (!file.valid()) return LastError("openat", kMarkerName);
  for (size_t at = 0; at < marker.size();) {
    const ssize_t written = sys::Write(file.get(), marker.data() + at, marker.size() - at);
    if (written < 0) return LastError("write", kMarkerName);
    at += static_cast<size_t>(written);
  }
  if (file.Close() != 0) return LastError("close", kMarkerName);
  return std::nullopt;
}

}  // namespace

Result<Fd> MakeWorkDirectory(const Fd& store, const std::string& name) {
  constexpr mode_t kMode = 0700;
  if (sys::MakeDirectoryAt(store.get(), name.c_str(), kMode) != 0) {
    return LastError("mkdirat", name);
  }
  Fd dir(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", name);
  if (auto error = DropInheritedAcls(dir, name)) return std::move(*error);
  if (sys::ChmodFd(dir.get(), kMode) != 0) return LastError("fchmod", name);
  if (auto error = TryHardlink(dir, name)) return std::move(*error);
  return dir;
}

Status Publish(const Fd& store, const std::string& work, const std::string& name,
               const std::string& marker, const std::atomic<bool>& abort) {
  const Fd dir(sys::OpenAt(store.get(), work.c_str(), sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", work);
  if (auto error = WriteMarker(dir, marker)) return error;
  if (sys::SyncFilesystem(dir.get()) != 0) return LastError("syncfs", work);
  if (abort) return Aborted();
  if (RenameNew(store, work, name) != 0) return LastError("renameat2", work, name);
  if (sys::SyncFile(store.get()) == 0) return std::nullopt;
  // Not durable, so not published: it goes back to be discarded.
  OsError error = LastError("fsync", name);
  sys::RenameAt(store.get(), name.c_str(), store.get(), work.c_str());
  return error;
}

}  // namespace cura
