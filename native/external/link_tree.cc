// The walk: a directory is made, what is in it is linked; when all below it is done, the directory
// gets its metadata.
#include "external/link_tree.h"

#include <atomic>
#include <mutex>
#include <optional>

#include "base/chain.h"
#include "base/pool.h"
#include "file/metadata.h"

namespace cura {

namespace {

// A directory while it is being linked.
struct Linking {
  std::shared_ptr<Linking> parent;  // null for the top
  std::shared_ptr<Dir> stored;
  std::shared_ptr<Dir> work;
  std::optional<Entry> own;  // what the stored directory is, once that is known
  Xattrs xattrs;
  std::atomic<size_t> pending = 1;  // itself and subdirectories that are not done

  Linking() = default;
  Linking(const Linking&) = delete;
  Linking& operator=(const Linking&) = delete;
  ~Linking() { LetGo(std::move(parent)); }
};

// Descriptors of a directory and the one it is linked from.
struct Descriptors {
  int stored = -1;
  int work = -1;
};

// Whether a directory cannot be read for reasons that are not its own.
bool IsShortage(int code) { return code == EMFILE || code == ENFILE || code == ENOMEM; }

class Relinker {
 public:
  explicit Relinker(const LinkTreeOptions& options) : options_(options) {}

  Result<LinkedTree> Run(const std::vector<std::string>& names);

 private:
  Status Start(const std::vector<std::string>& names);
  void Do(const std::shared_ptr<Linking>& node);
  Status Fill(const std::shared_ptr<Linking>& node);
  Status Read(Linking* node, int stored, std::string* records);
  Status Take(const std::shared_ptr<Linking>& node, Descriptors at, const char* name,
              bool is_directory);
  Status Link(const Linking& node, Descriptors at, const char* name);
  Status Release(const std::shared_ptr<Linking>& node);
  Status Seal(const Linking& node) const;
  void Fail(OsError error);

  const LinkTreeOptions options_;
  WorkStack<std::shared_ptr<Linking>> stack_;
  std::atomic<std::uint64_t> entries_ = 0;
  std::mutex mutex_;  // guards what follows
  std::vector<NamedInode> left_out_;
  std::optional<OsError> error_;
};

void Relinker::Fail(OsError error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  stack_.Stop();
}

Result<LinkedTree> Relinker::Run(const std::vector<std::string>& names) {
  if (auto error = Start(names)) return std::move(*error);
  RunPool(options_.threads, &stack_, [&](const std::shared_ptr<Linking>& node) { Do(node); });
  if (error_) return std::move(*error_);
  return LinkedTree{entries_, std::move(left_out_)};
}

Status Relinker::Start(const std::vector<std::string>& names) {
  auto top = std::make_shared<Linking>();
  top->stored = options_.stored;
  top->work = options_.work;
  auto stored = top->stored->Open();
  auto work = top->work->Open();
  if (!stored.ok()) return std::move(stored.error());
  if (!work.ok()) return std::move(work.error());
  for (const std::string& name : names) {
    sys::Stat stat;
    if (sys::StatAt(stored.value().fd(), name.c_str(), &stat) != 0) {
      if (errno == ENOENT) continue;
      return LastError("statx", top->stored->PathOf(name));
    }
    const bool is_directory = TypeOf(stat.mode) == Type::kDirectory;
    const Descriptors at{stored.value().fd(), work.value().fd()};
    if (auto error = Take(top, at, name.c_str(), is_directory)) return error;
  }
  return std::nullopt;
}

void Relinker::Do(const std::shared_ptr<Linking>& node) {
  if (auto error = Fill(node)) Fail(std::move(*error));
}

Status Relinker::Fill(const std::shared_ptr<Linking>& node) {
  std::string records;
  auto stored = node->stored->Open();
  Status unread = stored.ok() ? Read(node.get(), stored.value().fd(), &records)
                              : Status(std::move(stored.error()));
  if (unread) {
    if (IsShortage(unread->code) || unread->code == kMountedCode) return unread;
    unread->path = node->work->Path();
    options_.failures->Add(std::move(*unread));
    return Release(node);
  }
  auto work = node->work->Open();
  if (!work.ok()) return std::move(work.error());
  const Descriptors at{stored.value().fd(), work.value().fd()};
  for (size_t from = 0; from < records.size();) {
    if (options_.monitor->abort) return Aborted();
    const char mark = records[from];
    const char* name = records.c_str() + from + 1;
    from += std::string_view(name).size() + 2;
    bool is_directory = mark == 'd';
    if (mark == '?') {
      sys::Stat stat;
      if (sys::StatAt(at.stored, name, &stat) != 0) {
        return LastError("statx", node->stored->PathOf(name));
      }
      is_directory = TypeOf(stat.mode) == Type::kDirectory;
    }
    if (auto error = Take(node, at, name, is_directory)) return error;
  }
  return Release(node);
}

// What the stored directory is, and its names.
Status Relinker::Read(Linking* node, int stored, std::string* records) {
  sys::Stat stat;
  if (sys::StatFd(stored, &stat) != 0) return LastError("statx");
  if (stat.dev != options_.dev) return OsError{kMountedCode, "openat", node->stored->Path(), {}};
  auto xattrs = ReadXattrs(Place::OfFd(stored));
  if (!xattrs.ok()) return std::move(xattrs.error());
  if (sys::ReadNames(stored, records) != 0) return LastError("getdents");
  node->own = EntryOf(stat);
  node->xattrs = std::move(xattrs.value());
  return std::nullopt;
}

Status Relinker::Take(const std::shared_ptr<Linking>& node, Descriptors at, const char* name,
                      bool is_directory) {
  if (!is_directory) return Link(*node, at, name);
  constexpr mode_t kMode = 0700;
  if (sys::MakeDirectoryAt(at.work, name, kMode) != 0) {
    return LastError("mkdirat", node->work->PathOf(name));
  }
  auto child = std::make_shared<Linking>();
  child->parent = node;
  child->stored = Dir::Child(node->stored, name, std::nullopt);
  child->work = Dir::Child(node->work, name, std::nullopt);
  ++entries_;
  ++options_.monitor->entries;
  ++node->pending;
  stack_.Push(std::move(child));
  return std::nullopt;
}

Status Relinker::Link(const Linking& node, Descriptors at, const char* name) {
  if (sys::LinkAt(at.stored, name, at.work, name) == 0) {
    ++entries_;
    ++options_.monitor->entries;
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
  // The stored directory may be listed but not searched, or the inode is somebody else's.
  const bool refused = error.code == EACCES || error.code == EPERM;
  if (!refused) return error;
  options_.failures->Add(std::move(error));
  return std::nullopt;
}

// One subdirectory less. Each directory below which nothing is left to do gets its metadata.
Status Relinker::Release(const std::shared_ptr<Linking>& node) {
  for (auto at = node; at->parent != nullptr && --at->pending == 0; at = at->parent) {
    if (auto error = Seal(*at)) return error;
  }
  return std::nullopt;
}

Status Relinker::Seal(const Linking& node) const {
  if (!node.own) return std::nullopt;  // it could not be read; whoever fills the tree knows better
  auto work = node.work->Open();
  if (!work.ok()) return std::move(work.error());
  NewInode fresh{Place::OfFd(work.value().fd()), {}, [&] { return node.work->Path(); }};
  if (sys::StatFd(fresh.place.fd, &fresh.actual) != 0) return LastError("statx", fresh.path());
  return SetMetadata(fresh, *node.own, node.xattrs, options_.failures);
}

}  // namespace

Result<LinkedTree> Relink(const LinkTreeOptions& options, const std::vector<std::string>& names) {
  return Relinker(options).Run(names);
}

}  // namespace cura
