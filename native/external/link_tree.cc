// Makes each directory and links its entries. Sets the metadata of a directory once everything
// below it is done.
#include "external/link_tree.h"

#include <atomic>
#include <mutex>
#include <optional>

#include "file/metadata.h"
#include "tree/walk.h"

namespace cura {

namespace {

// A directory that is being linked.
struct Linking : WalkNode<Linking> {
  std::shared_ptr<Dir> stored;
  std::shared_ptr<Dir> work;
  std::optional<Entry> own;  // metadata of the stored directory, once known
  Xattrs xattrs;
};

// Descriptors of a stored directory and of its counterpart in the work directory.
struct Descriptors {
  int stored = -1;
  int work = -1;
};

// Whether an errno means that the process or the system ran short, so the directory is not at
// fault.
bool IsShortage(int code) { return code == EMFILE || code == ENFILE || code == ENOMEM; }

class Relinker : private TreeWalk<Linking> {
 public:
  Relinker(const LinkTreeOptions& options, const std::vector<std::string>& names)
      : TreeWalk(options.job, ApplyThreads()), options_(options), names_(names) {}

  Result<LinkedTree> Run();

 private:
  Status Enter(const NodePtr& node) override;
  Status Seal(Linking* node) override;
  Status LinkRequested(const NodePtr& top);
  Status Read(Linking* node, int stored, sys::Names* names);
  Status LinkEntry(const NodePtr& node, Descriptors at, const char* name, bool is_directory);
  Status LinkName(const Linking& node, Descriptors at, const char* name);

  const LinkTreeOptions& options_;
  const std::vector<std::string>& names_;  // at the top of the tree
  std::atomic<std::uint64_t> entries_ = 0;
  std::mutex mutex_;
  std::vector<NamedInode> left_out_;  // guarded by mutex_
};

Result<LinkedTree> Relinker::Run() {
  auto top = std::make_shared<Linking>();
  top->stored = options_.stored;
  top->work = options_.work;
  if (auto error = Walk(std::move(top))) return std::move(*error);
  return LinkedTree{entries_, std::move(left_out_)};
}

// Links only the requested names at the top of the tree.
Status Relinker::LinkRequested(const NodePtr& top) {
  auto stored = top->stored->Open();
  auto work = top->work->Open();
  if (!stored.ok()) return std::move(stored.error());
  if (!work.ok()) return std::move(work.error());
  for (const std::string& name : names_) {
    sys::Stat stat;
    if (sys::StatAt(stored.value().fd(), name.c_str(), &stat) != 0) {
      if (errno == ENOENT) continue;
      return LastError("statx", top->stored->PathOf(name));
    }
    const bool is_directory = TypeOf(stat.mode) == Type::kDirectory;
    const Descriptors at{stored.value().fd(), work.value().fd()};
    if (auto error = LinkEntry(top, at, name.c_str(), is_directory)) return error;
  }
  return std::nullopt;
}

Status Relinker::Enter(const NodePtr& node) {
  if (node->parent == nullptr) return LinkRequested(node);
  sys::Names names;
  auto stored = node->stored->Open();
  Status unread = stored.ok() ? Read(node.get(), stored.value().fd(), &names)
                              : Status(std::move(stored.error()));
  if (unread) {
    if (IsShortage(unread->code) || unread->code == kMountedCode) return unread;
    unread->path = node->work->Path();
    job().failures->Add(std::move(*unread));
    return std::nullopt;
  }
  auto work = node->work->Open();
  if (!work.ok()) return std::move(work.error());
  const Descriptors at{stored.value().fd(), work.value().fd()};
  for (const sys::Name listed : names) {
    if (is_aborted()) return Aborted();
    const char* const name = listed.text.data();
    bool is_directory = listed.type == sys::NameType::kDirectory;
    if (listed.type == sys::NameType::kUnknown) {
      sys::Stat stat;
      if (sys::StatAt(at.stored, name, &stat) != 0) {
        return LastError("statx", node->stored->PathOf(name));
      }
      is_directory = TypeOf(stat.mode) == Type::kDirectory;
    }
    if (auto error = LinkEntry(node, at, name, is_directory)) return error;
  }
  return std::nullopt;
}

// Reads the metadata and the names of the stored directory.
Status Relinker::Read(Linking* node, int stored, sys::Names* names) {
  sys::Stat stat;
  if (sys::StatFd(stored, &stat) != 0) return LastError("statx");
  if (stat.dev != options_.dev) return OsError{kMountedCode, "openat", node->stored->Path(), {}};
  auto xattrs = ReadXattrs(Place::OfFd(stored));
  if (!xattrs.ok()) return std::move(xattrs.error());
  if (sys::ReadNames(stored, names) != 0) return LastError("getdents");
  node->own = EntryOf(stat);
  node->xattrs = std::move(xattrs.value());
  return std::nullopt;
}

Status Relinker::LinkEntry(const NodePtr& node, Descriptors at, const char* name,
                           bool is_directory) {
  if (!is_directory) return LinkName(*node, at, name);
  constexpr mode_t kMode = 0700;
  if (sys::MakeDirectoryAt(at.work, name, kMode) != 0) {
    return LastError("mkdirat", node->work->PathOf(name));
  }
  auto child = std::make_shared<Linking>();
  child->parent = node;
  child->stored = Dir::Child(node->stored, name, std::nullopt);
  child->work = Dir::Child(node->work, name, std::nullopt);
  ++entries_;
  ++job().monitor->entries;
  Descend(std::move(child));
  return std::nullopt;
}

Status Relinker::LinkName(const Linking& node, Descriptors at, const char* name) {
  if (sys::LinkAt(at.stored, name, at.work, name) == 0) {
    ++entries_;
    ++job().monitor->entries;
    return std::nullopt;
  }
  OsError error = LastError("linkat", node.work->PathOf(name));
  if (error.code == EMLINK) {
    sys::Stat stat;
    if (sys::StatAt(at.stored, name, &stat) != 0) return LastError("statx", error.path);
    const std::lock_guard lock(mutex_);
    left_out_.push_back({std::move(error.path), stat.ino});
    return std::nullopt;
  }
  // This user may list the stored directory but not search it, or another user owns the inode.
  const bool refused = error.code == EACCES || error.code == EPERM;
  if (!refused) return error;
  job().failures->Add(std::move(error));
  return std::nullopt;
}

Status Relinker::Seal(Linking* node) {
  if (!node->own) return std::nullopt;  // could not be read; the filling program sets its metadata
  auto work = node->work->Open();
  if (!work.ok()) return std::move(work.error());
  NewInode fresh{Place::OfFd(work.value().fd()), {}, [&] { return node->work->Path(); }};
  if (sys::StatFd(fresh.place.fd, &fresh.actual) != 0) return LastError("statx", fresh.path());
  return SetMetadata(fresh, *node->own, node->xattrs, job().failures);
}

}  // namespace

Result<LinkedTree> Relink(const LinkTreeOptions& options, const std::vector<std::string>& names) {
  return Relinker(options, names).Run();
}

}  // namespace cura
