// Makes work directories, and publishes them.
#include "store/publish.h"

#include "base/capacity.h"
#include "file/metadata.h"
#include "store/store.h"
#include "tree/durable.h"

namespace cura {

namespace {

constexpr mode_t kWorkMode = 0700;

constexpr const char* kProbe = ".backup_probe";
constexpr const char* kProbeLink = ".backup_probe_link";
constexpr const char* kProbeSymlink = ".backup_probe_symlink";

Status TryHardlink(const Fd& dir, const std::string& name) {
  const bool linked = sys::LinkAt(dir.get(), kProbe, dir.get(), kProbeLink) == 0;
  const int error = errno;
  if (linked && sys::UnlinkAt(dir.get(), kProbeLink) != 0) return LastError("unlinkat", name);
  if (linked) return std::nullopt;
  const bool cannot = error == EPERM || error == EMLINK || error == EXDEV || IsUnsupported(error);
  return OsError{cannot ? kNoHardlinksCode : error, "linkat", name, {}};
}

// Whether a call failed with ENOENT although the symlink is there, so that it followed the symlink.
// A second failure is needed as proof, because a store on a network may lose a name for a moment.
template <typename Call>
Result<bool> IsLost(const Fd& dir, const std::string& name, const Call& call) {
  if (call() == 0 || errno != ENOENT) return false;
  sys::Stat link;
  if (sys::StatAt(dir.get(), kProbeSymlink, &link) != 0) return LastError("statx", name);
  return call() != 0 && errno == ENOENT;
}

// Checks that metadata calls do not follow symlinks. sshfs passes them to a server that does, so
// that a backup would change files outside the store. The check sees it in the mtime of the
// symlink's target, and in ENOENT once the target is gone. Calls that are refused do no harm and
// are noted when they happen.
Status TrySymlink(const Fd& dir, const std::string& name) {
  constexpr Timestamp kLongAgo{1'000'000'000, 0};
  constexpr auto kKeep = static_cast<std::uint32_t>(-1);
  if (sys::SymlinkAt(kProbe, dir.get(), kProbeSymlink) != 0) {
    return IsRefused(errno) ? std::nullopt : Status(LastError("symlinkat", name));
  }
  sys::SetTimesAt(dir.get(), kProbeSymlink, kLongAgo);
  sys::Stat probe;
  if (sys::StatAt(dir.get(), kProbe, &probe) != 0) return LastError("statx", name);
  bool follows = probe.mtime == kLongAgo;
  if (sys::UnlinkAt(dir.get(), kProbe) != 0) return LastError("unlinkat", name);
  const auto dated =
      IsLost(dir, name, [&] { return sys::SetTimesAt(dir.get(), kProbeSymlink, kLongAgo); });
  if (!dated.ok()) return dated.error();
  const auto owned = IsLost(dir, name, [&] {
    return sys::ChownAt(dir.get(), kProbeSymlink, sys::EffectiveUser(), kKeep);
  });
  if (!owned.ok()) return owned.error();
  follows = follows || dated.value() || owned.value();
  if (sys::UnlinkAt(dir.get(), kProbeSymlink) != 0) return LastError("unlinkat", name);
  return follows ? Status(OsError{kSymlinksFollowedCode, "utimensat", name, {}}) : std::nullopt;
}

// Checks in an empty directory that the store supports the links it needs.
Status TryLinks(const Fd& dir, const std::string& name) {
  const Fd probe(sys::CreateAt(dir.get(), kProbe));
  if (!probe.valid()) return LastError("openat", name + "/" + kProbe);
  if (auto error = TryHardlink(dir, name)) return error;
  if (auto error = TrySymlink(dir, name)) return error;
  if (sys::UnlinkAt(dir.get(), kProbe) != 0 && errno != ENOENT) return LastError("unlinkat", name);
  return std::nullopt;
}

// Restricts the work directory to its owner. Accepts a filesystem that cannot change modes if the
// mode is already private.
Status MakePrivate(const Fd& dir, const std::string& name) {
  constexpr std::uint32_t kOthers = 0077;
  if (sys::ChmodFd(dir.get(), kWorkMode) == 0) return std::nullopt;
  OsError error = LastError("fchmod", name);
  sys::Stat stat;
  const bool is_private =
      IsRefused(error.code) && sys::StatFd(dir.get(), &stat) == 0 && (stat.mode & kOthers) == 0;
  return is_private ? std::nullopt : Status(std::move(error));
}

Status WriteMarker(const Fd& dir, const std::string& marker, bool syncs) {
  Fd file(sys::CreateAt(dir.get(), kMarkerName));
  if (!file.valid()) return LastError("openat", kMarkerName);
  for (size_t at = 0; at < marker.size();) {
    const ssize_t written = sys::Write(file.get(), marker.data() + at, marker.size() - at);
    if (written < 0) return LastError("write", kMarkerName);
    at += static_cast<size_t>(written);
  }
  if (syncs && sys::SyncFile(file.get()) != 0) return LastError("fsync", kMarkerName);
  if (file.Close() != 0) return LastError("close", kMarkerName);
  return std::nullopt;
}

// Flushes the filesystem. Also syncs each entry if flushing has no effect or does not report write
// errors.
Status MakeDurable(Fd dir, const Publication& publication, bool needs_each) {
  const bool flushed = sys::SyncFilesystem(dir.get()) == 0;
  const bool unknown = !flushed && (errno == EINVAL || IsUnsupported(errno));
  if (!flushed && !unknown) return LastError("syncfs", publication.work);
  const bool walks = needs_each ? !publication.each_synced : unknown || !sys::SyncsReportErrors();
  if (walks) {
    const auto root =
        Dir::Root(publication.job.budget, std::move(dir), sys::kOpenDirectory, publication.work);
    return SyncTree(root, publication.job);
  }
  if (!needs_each) return std::nullopt;
  return SyncEntry(
      dir.get(), [&] { return publication.work; }, publication.job.failures);
}

}  // namespace

Result<Fd> MakeWorkDirectory(const Fd& store, const std::string& name) {
  if (sys::MakeDirectoryAt(store.get(), name.c_str(), kWorkMode) != 0) {
    return LastError("mkdirat", name);
  }
  Fd dir(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", name);
  if (auto error = DropInheritedAcls(dir.get(), name)) return std::move(*error);
  if (auto error = MakePrivate(dir, name)) return std::move(*error);
  if (auto error = TryLinks(dir, name)) return std::move(*error);
  return dir;
}

Status Publish(const Fd& store, const Publication& publication) {
  const std::string& work = publication.work;
  const std::string& name = publication.name;
  Fd dir(sys::OpenAt(store.get(), work.c_str(), sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", work);
  const bool needs_each = NeedsEachSynced(dir.get());
  if (auto error = WriteMarker(dir, publication.marker, needs_each)) return error;
  if (auto error = MakeDurable(std::move(dir), publication, needs_each)) return error;
  if (publication.job.monitor->abort) return Aborted();
  if (RenameNew(store, work, name) != 0) return LastError("renameat2", work, name);
  if (SyncRenames(store) == 0) return std::nullopt;
  // The rename is not durable, so undo it; the caller removes the work directory.
  OsError error = LastError("fsync", name);
  sys::RenameAt(store.get(), name.c_str(), store.get(), work.c_str());
  return error;
}

}  // namespace cura
