// Syncs entries and whole trees.
#include "tree/durable.h"

#include "tree/walk.h"

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

struct Syncing : WalkNode<Syncing> {
  std::shared_ptr<Dir> dir;
};

class TreeSyncer : private TreeWalk<Syncing> {
 public:
  explicit TreeSyncer(const JobContext& context) : TreeWalk(context, MostThreads()) {}

  Status Run(const std::shared_ptr<Dir>& top) {
    auto node = std::make_shared<Syncing>();
    node->dir = top;
    return Walk(std::move(node));
  }

 private:
  Status Enter(const NodePtr& node) override {
    Dir& dir = *node->dir;
    auto lease = dir.Open();
    if (!lease.ok()) return std::move(lease.error());
    const int fd = lease.value().fd();
    sys::Names names;
    if (sys::ReadNames(fd, &names) != 0) return LastError("getdents", dir.Path());
    for (const sys::Name listed : names) {
      const char* const name = listed.text.data();
      if (is_aborted()) return Aborted();
      sys::Stat stat;
      if (sys::StatAt(fd, name, &stat) != 0) return LastError("statx", dir.PathOf(name));
      if (TypeOf(stat.mode) == Type::kDirectory) EnterBelow(node, name);
      if (TypeOf(stat.mode) != Type::kFile) continue;
      if (auto error = SyncFile(dir, fd, name)) return error;
    }
    return SyncEntry(
        fd, [&] { return dir.Path(); }, job().failures);
  }

  void EnterBelow(const NodePtr& node, const char* name) {
    auto child = std::make_shared<Syncing>();
    child->parent = node;
    child->dir = Dir::Child(node->dir, name, std::nullopt);
    Descend(std::move(child));
  }

  // Notes files that the user owns but may not read, because they cannot be opened for fsync.
  Status SyncFile(const Dir& dir, int fd, const char* name) {
    const auto path = [&] { return dir.PathOf(name); };
    const Fd file(sys::OpenAt(fd, name, sys::kOpenFile));
    if (file.valid()) return SyncEntry(file.get(), path, job().failures);
    if (errno != EACCES) return LastError("openat", path());
    job().failures->AddNote("fsync", path());
    return std::nullopt;
  }
};

}  // namespace

Status SyncTree(const std::shared_ptr<Dir>& root, const JobContext& job) {
  return TreeSyncer(job).Run(root);
}

}  // namespace cura
