// Syncing entries and whole trees.
#include "tree/durable.h"

#include "base/pool.h"

namespace cura {

bool NeedsEachSynced(int dir) {
  sys::Space space;
  return sys::SpaceOf(dir, &space) != 0 || !space.syncs_whole;
}

Status SyncEntry(int fd, const std::function<std::string()>& path, Failures* failures) {
  if (sys::SyncFile(fd) == 0) return std::nullopt;
  if (errno != EINVAL && !IsUnsupported(errno)) return LastError("fsync", path());
  failures->AddNote("fsync", path());
  return std::nullopt;
}

int SyncRenames(const Fd& store) {
  if (sys::SyncFile(store.get()) == 0) return 0;
  if (errno != EINVAL && !IsUnsupported(errno)) return -1;
  const int flushed = sys::SyncFilesystem(store.get());
  return flushed != 0 && (errno == EINVAL || IsUnsupported(errno)) ? 0 : flushed;
}

namespace {

class TreeSyncer {
 public:
  explicit TreeSyncer(const SyncOptions& options) : options_(options) {}

  Status Run() {
    stack_.Push(options_.root);
    RunPool(options_.threads, &stack_, [&](const std::shared_ptr<Dir>& dir) {
      Status error = *options_.abort ? Status(Aborted()) : SyncDirectory(dir);
      if (!error) return;
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::move(error);
      stack_.Stop();
    });
    return std::move(error_);
  }

 private:
  Status SyncDirectory(const std::shared_ptr<Dir>& dir) {
    auto lease = dir->Open();
    if (!lease.ok()) return std::move(lease.error());
    const int fd = lease.value().fd();
    std::string records;
    if (sys::ReadNames(fd, &records) != 0) return LastError("getdents", dir->Path());
    for (size_t at = 0; at < records.size();) {
      const char* name = records.c_str() + at + 1;
      at += std::string_view(name).size() + 2;
      if (*options_.abort) return Aborted();
      sys::Stat stat;
      if (sys::StatAt(fd, name, &stat) != 0) return LastError("statx", dir->PathOf(name));
      if (TypeOf(stat.mode) == Type::kDirectory) stack_.Push(Dir::Child(dir, name, std::nullopt));
      if (TypeOf(stat.mode) != Type::kFile) continue;
      if (auto error = SyncFile(*dir, fd, name)) return error;
    }
    return SyncEntry(
        fd, [&] { return dir->Path(); }, options_.failures);
  }

  // A user may have files that he must not read himself.
  Status SyncFile(const Dir& dir, int fd, const char* name) {
    const auto path = [&] { return dir.PathOf(name); };
    const Fd file(sys::OpenAt(fd, name, sys::kOpenFile));
    if (file.valid()) return SyncEntry(file.get(), path, options_.failures);
    if (errno != EACCES) return LastError("openat", path());
    options_.failures->AddNote("fsync", path());
    return std::nullopt;
  }

  const SyncOptions options_;
  WorkStack<std::shared_ptr<Dir>> stack_;
  std::mutex mutex_;
  Status error_;
};

}  // namespace

Status SyncTree(const SyncOptions& options) { return TreeSyncer(options).Run(); }

}  // namespace cura
