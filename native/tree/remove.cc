// Empties directories from the top down, and removes them from the bottom up.
#include "tree/remove.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "tree/walk.h"

namespace cura {

namespace {

// A directory that is being removed.
struct Doomed : WalkNode<Doomed> {
  std::string name;
  std::shared_ptr<Dir> dir;
  std::uint64_t allocated = 0;  // bytes on disk
};

class Remover : private TreeWalk<Doomed> {
 public:
  Remover(const sys::Stat& top, const JobContext& job)
      : TreeWalk(job, ApplyThreads()), dev_(top.dev), mount_(top.mount) {}

  // Removes everything below `top`, but not `top` itself. Adds the removed entries to `removed`.
  Status Run(const std::shared_ptr<Dir>& top, Removed* removed) {
    auto node = std::make_shared<Doomed>();
    node->dir = top;
    auto error = Walk(std::move(node));
    removed->entries += entries_;
    removed->bytes += bytes_;
    removed->inodes += inodes_;
    return error;
  }

 private:
  Status Enter(const NodePtr& node) override;
  Status Seal(Doomed* node) override;
  Status RemoveEntry(const NodePtr& node, int dir, const sys::Name& listed);
  // Removes the name unless it is a directory or another inode than `ino`. Returns its last look at
  // the inode.
  Result<std::optional<sys::Stat>> RemoveName(const Doomed& node, int dir, const char* name,
                                              std::optional<std::uint64_t> ino);
  void EnterBelow(const NodePtr& node, const char* name);
  Result<DirLease> OpenUp(Doomed* node) const;
  void Count() {
    ++entries_;
    ++job().monitor->entries;
  }
  void Free(std::uint64_t bytes) {
    bytes_ += bytes;
    ++inodes_;
  }

  static constexpr size_t kLocks = 64;

  const std::uint64_t dev_;
  const std::uint64_t mount_;
  std::atomic<std::uint64_t> entries_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> inodes_ = 0;
  // One for each part of the inode numbers. Otherwise two threads that remove the last two names of
  // an inode would both see two.
  std::array<std::mutex, kLocks> locks_;
};

// Opens a directory, after adding missing owner permissions. Root needs none.
Result<DirLease> Remover::OpenUp(Doomed* node) const {
  constexpr mode_t kOpen = 0700;
  auto lease = node->dir->Open();
  if (!lease.ok() && lease.error().code == EACCES && node->parent != nullptr) {
    auto above = node->parent->dir->Open();
    if (!above.ok()) return above;
    if (sys::ChmodAt(above.value().fd(), node->name.c_str(), kOpen) == 0) lease = node->dir->Open();
  }
  if (!lease.ok()) return lease;
  sys::Stat stat;
  if (sys::StatFd(lease.value().fd(), &stat) != 0) return LastError("statx", node->dir->Path());
  const bool mounted = stat.dev != dev_ || stat.mount != mount_;
  if (mounted) return OsError{kMountedCode, "openat", node->dir->Path(), {}};
  const bool closed = (stat.mode & kOpen) != kOpen && !sys::IsPrivileged();
  if (closed && sys::ChmodFd(lease.value().fd(), kOpen) != 0) {
    return LastError("fchmod", node->dir->Path());
  }
  node->allocated = stat.allocated;
  return lease;
}

Status Remover::Enter(const NodePtr& node) {
  auto lease = OpenUp(node.get());
  if (!lease.ok()) return std::move(lease.error());
  sys::Names names;
  if (sys::ReadNames(lease.value().fd(), &names) != 0) {
    return LastError("getdents", node->dir->Path());
  }
  for (const sys::Name name : names) {
    if (is_aborted()) return Aborted();
    if (auto error = RemoveEntry(node, lease.value().fd(), name)) return error;
  }
  return std::nullopt;
}

Status Remover::RemoveEntry(const NodePtr& node, int dir, const sys::Name& listed) {
  const char* const name = listed.text.data();
  if (listed.type == sys::NameType::kDirectory) {
    EnterBelow(node, name);
    return std::nullopt;
  }
  auto seen = RemoveName(*node, dir, name, listed.ino);
  // Some filesystems list another number than stat shows: one lock is then for all inodes.
  const bool differs = seen.ok() && seen.value() && seen.value()->ino != listed.ino;
  if (differs) seen = RemoveName(*node, dir, name, std::nullopt);
  if (!seen.ok()) return std::move(seen.error());
  if (!seen.value()) return std::nullopt;
  const sys::Stat& stat = *seen.value();
  if (TypeOf(stat.mode) == Type::kDirectory) {
    EnterBelow(node, name);
    return std::nullopt;
  }
  Count();
  if (stat.nlink == 1) Free(stat.allocated);
  return std::nullopt;
}

Result<std::optional<sys::Stat>> Remover::RemoveName(const Doomed& node, int dir, const char* name,
                                                     std::optional<std::uint64_t> ino) {
  const std::lock_guard lock(locks_[ino.value_or(0) % kLocks]);
  sys::Stat stat;
  if (sys::StatAt(dir, name, &stat) != 0) {
    if (errno == ENOENT) return std::optional<sys::Stat>();
    return LastError("statx", node.dir->PathOf(name));
  }
  if (ino.value_or(stat.ino) != stat.ino || TypeOf(stat.mode) == Type::kDirectory)
    return std::optional(stat);
  if (sys::UnlinkAt(dir, name) != 0 && errno != ENOENT) {
    return LastError("unlinkat", node.dir->PathOf(name));
  }
  return std::optional(stat);
}

void Remover::EnterBelow(const NodePtr& node, const char* name) {
  auto child = std::make_shared<Doomed>();
  child->parent = node;
  child->name = name;
  child->dir = Dir::Child(node->dir, name, std::nullopt);
  Descend(std::move(child));
}

// Removes the empty directory.
Status Remover::Seal(Doomed* node) {
  auto above = node->parent->dir->Open();
  if (!above.ok()) return std::move(above.error());
  if (sys::RemoveDirectoryAt(above.value().fd(), node->name.c_str()) != 0) {
    return LastError("unlinkat", node->dir->Path());
  }
  Count();
  Free(node->allocated);
  return std::nullopt;
}

}  // namespace

Result<Fd> OpenDoomed(const Fd& parent, const std::string& name) {
  Fd top(sys::OpenAt(parent.get(), name.c_str(), sys::kOpenDirectory));
  if (!top.valid()) return LastError("openat", name);
  sys::Stat above, stat;
  if (sys::StatFd(parent.get(), &above) != 0 || sys::StatFd(top.get(), &stat) != 0) {
    return LastError("statx", name);
  }
  const bool mounted = above.dev != stat.dev || above.mount != stat.mount;
  if (mounted) return OsError{kMountedCode, "openat", name, {}};
  return top;
}

Status RemoveTree(const Fd& parent, const std::string& name, const JobContext& job,
                  Removed* removed) {
  auto top = OpenDoomed(parent, name);
  if (!top.ok()) return std::move(top.error());
  sys::Stat stat;
  if (sys::StatFd(top.value().get(), &stat) != 0) return LastError("statx", name);
  const auto dir = Dir::Root(job.budget, std::move(top.value()), sys::kOpenDirectory, name);
  if (auto error = Remover(stat, job).Run(dir, removed)) return error;
  if (sys::RemoveDirectoryAt(parent.get(), name.c_str()) != 0) return LastError("unlinkat", name);
  removed->bytes += stat.allocated;
  ++removed->inodes;
  return std::nullopt;
}

}  // namespace cura
